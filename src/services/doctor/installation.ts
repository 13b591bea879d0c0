/** Checks this machine: listen address, webhook credentials, operators file and disk. */

import { statSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { loadOperators } from '../../config/operators.ts';
import { costOfRepeating } from '../../domain/failures/unknown-create.ts';
import { isLoopback } from '../../kit/http/loopback.ts';
import { type Finding, findingsOf } from './check.ts';

/** Checks that HOST, where the server listens, and PUBLIC_URL, where others reach it, fit together. */
export function checkAddresses({ host, port, publicUrl }: Config['http']): Finding {
  const { ok, warning } = findingsOf('addresses');
  const listens = `listens at ${host}:${port}`;
  if (publicUrl === undefined) {
    return isLoopback(host)
      ? ok(`${listens}, for this machine only`)
      : warning(
          `${listens}, but PUBLIC_URL is not set`,
          'Set PUBLIC_URL, e.g. https://cards.example.com, or HOST=127.0.0.1.',
        );
  }
  const { protocol, hostname, port: publicPort } = new URL(publicUrl);
  if (isLoopback(hostname)) {
    if (!isLoopback(host)) {
      return warning(
        `${listens}, but PUBLIC_URL can be reached from this machine only`,
        'Set PUBLIC_URL to the address that others use.',
      );
    }
    // Without a proxy both ports are the same.
    return Number(publicPort || (protocol === 'https:' ? 443 : 80)) === port
      ? ok(`${listens}, the same as PUBLIC_URL`)
      : ok(`${listens}; PUBLIC_URL has another port, so a proxy must forward it`);
  }
  if (protocol === 'http:') {
    return warning(
      'PUBLIC_URL is not encrypted: passwords and customer data can be read on the way',
      'Put a proxy with TLS in front; Bloomreach only calls https with a public certificate.',
    );
  }
  return isLoopback(host)
    ? ok(`${listens}; a proxy on this machine must forward ${publicUrl} to it`)
    : ok(`${listens}; others reach it at ${publicUrl}`);
}

const MIN_SECRET_LENGTH = 16;
const MIN_DISTINCT_CHARACTERS = 8;

/** Checks that webhooks need credentials that are hard to guess. The findings must not show them. */
export function checkWebhookCredentials({ webhook, http }: Pick<Config, 'webhook' | 'http'>): Finding {
  const { ok, warning } = findingsOf('webhook-credentials');
  const { basic, token } = webhook;
  if (basic === undefined && token === undefined) {
    const message = 'not set: webhooks are accepted from this machine only';
    const fix = 'To accept them from elsewhere, set WEBHOOK_USERNAME and WEBHOOK_PASSWORD, or WEBHOOK_TOKEN.';
    const expectsOthers = http.publicUrl !== undefined || !isLoopback(http.host);
    return (expectsOthers ? warning : ok)(message, fix);
  }
  const weak = [
    ...(basic !== undefined && isWeak(basic.password) ? ['WEBHOOK_PASSWORD'] : []),
    ...(basic !== undefined && basic.password === basic.username
      ? ['WEBHOOK_PASSWORD, which equals the user name,']
      : []),
    ...(token !== undefined && isWeak(token) ? ['WEBHOOK_TOKEN'] : []),
  ];
  if (weak.length === 0) return ok('set, and hard to guess');
  return warning(
    `${weak.join(' and ')} can be guessed: too short or too uniform`,
    'Generate a long one: openssl rand -base64 24',
  );
}

/** Checks that no second card is risked: CREATE_ON_UNKNOWN. */
export function checkRepeatedCreates({ retry, passmachine }: Pick<Config, 'retry' | 'passmachine'>): Finding {
  const { ok, warning } = findingsOf('repeated-creates');
  return retry.createOnUnknown === 'hold'
    ? ok('a create that may have made its card is held for an operator')
    : warning(
        costOfRepeating(passmachine),
        'Set CREATE_ON_UNKNOWN=hold: such creates end unknown, and end done when an event of Passmachine proves their card.',
      );
}

function isWeak(secret: string): boolean {
  return secret.length < MIN_SECRET_LENGTH || new Set(secret).size < MIN_DISTINCT_CHARACTERS;
}

const ADD_OPERATOR = 'Add one: passbridge operators add <name> --role admin.';

/** Permissions of the group and of others. */
const GROUP_AND_OTHERS = 0o077;

/** Checks that operators can sign in, or that the access token opens the dashboard, and that only this user can read their file. */
export function checkOperators({
  files,
  singleSignOn,
  http,
}: Pick<Config, 'files' | 'singleSignOn' | 'http'>): Finding {
  const { ok, warning, error } = findingsOf('operators');
  const { operators: file } = files;
  if (file === undefined) {
    if (singleSignOn !== undefined) return ok('operators sign in at the OpenID Connect provider');
    const [exposing] = http.exposedBy;
    return exposing === undefined
      ? ok(
          'OPERATORS_FILE is not set: the dashboard opens on this machine only, with the one-time access token that up prints',
          `To allow others, set it, e.g. OPERATORS_FILE=./operators.yaml. ${ADD_OPERATOR}`,
        )
      : warning(
          `OPERATORS_FILE is not set, and others may reach this server (${exposing}): the dashboard is off`,
          `Set it, e.g. OPERATORS_FILE=./operators.yaml. ${ADD_OPERATOR} Or remove ${exposing}.`,
        );
  }
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return warning(`${file} does not exist: no one can sign in`, ADD_OPERATOR);
  if ((stat.mode & GROUP_AND_OTHERS) !== 0) {
    return warning(`${file} is readable by other users of this machine`, `Run chmod 600 ${file}`);
  }
  try {
    const { size } = loadOperators(file);
    return size === 0
      ? warning(`${file} is empty: no one can sign in`, ADD_OPERATOR)
      : ok(`${size} can sign in`);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return error(`${file} is invalid: ${thrown.problems.join('; ')}`, 'Fix or remove these entries.');
  }
}

const MB = 1_000_000;
const WARN_BELOW_MB = 1000;
/** The private Redis needs this much to rewrite its append-only file. */
const ERROR_BELOW_MB = 100;

/** Returns the bytes available to this user in an existing folder. */
async function availableBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Checks that DATA_DIR is writable and has space. If it does not exist, its nearest parent is checked. */
export async function checkDisk(dataDir: string, measure = availableBytes): Promise<Finding> {
  const { ok, warning, error } = findingsOf('disk');
  const folder = await nearestFolder(dataDir);
  try {
    await access(folder, constants.W_OK);
  } catch {
    return error(`${folder} is not writable`, 'Grant this user write permission, or set DATA_DIR.');
  }
  const freeMb = Math.floor((await measure(folder)) / MB);
  const message = `${freeMb} MB free for ${dataDir}`;
  const fix = 'Free up space, or set DATA_DIR to a larger disk.';
  if (freeMb < ERROR_BELOW_MB) return error(message, fix);
  return freeMb < WARN_BELOW_MB ? warning(message, fix) : ok(message);
}

/** Returns the path, or the nearest folder above it that exists. */
export async function nearestFolder(path: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch {
    return dirname(path) === path ? path : nearestFolder(dirname(path));
  }
}
