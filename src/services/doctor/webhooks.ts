/** Whether webhooks are let in, and nobody else. */

import type { Config } from '../../config/config.ts';
import { about, type Finding } from './finding.ts';
import { isLocalHost } from './local-name.ts';

const SHORTEST = 16;
const FEWEST_CHARACTERS = 8;

const MAKE_ONE = 'Make a long one: openssl rand -base64 24';

/** What is set is judged by its length and variety, without being shown. */
export function webhookFinding({ webhook, http }: Pick<Config, 'webhook' | 'http'>): Finding {
  const { ok, info, warning } = about('webhook-credentials');
  const { basic, token } = webhook;
  if (basic === undefined && token === undefined) {
    const message = 'none are set: webhooks are taken from this machine only';
    const fix = 'Set WEBHOOK_USERNAME and WEBHOOK_PASSWORD, or WEBHOOK_TOKEN.';
    const meantForOthers = http.publicUrl !== undefined || !isLocalHost(http.host);
    return meantForOthers ? warning(message, fix) : info(message, fix);
  }
  const weak = [
    ...(basic !== undefined && isWeak(basic.password) ? ['WEBHOOK_PASSWORD'] : []),
    ...(basic !== undefined && basic.password === basic.username ? ['WEBHOOK_PASSWORD, the user name,'] : []),
    ...(token !== undefined && isWeak(token) ? ['WEBHOOK_TOKEN'] : []),
  ];
  if (weak.length === 0) return ok('set, and hard to guess');
  return warning(`${weak.join(' and ')} can be guessed: too short or too uniform`, MAKE_ONE);
}

function isWeak(secret: string): boolean {
  return secret.length < SHORTEST || new Set(secret).size < FEWEST_CHARACTERS;
}
