/** Whether Passmachine hands a token out, for how long, and lets calls in with it. */

import type { ConfigWith } from '../../config/config.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import type { Clock } from '../../kit/clock.ts';
import { makeHttpClient } from '../../kit/http/http.ts';
import { makePassmachineClient } from '../../passmachine/client.ts';
import { makeTokens } from '../tokens.ts';
import { clockFindings, watchClock } from './clock-skew.ts';
import { about, type Finding } from './finding.ts';

type Settings = ConfigWith<'passmachine'>['passmachine'];

/** Of one call; two follow each other, and both have to fit a check's limit. */
const CALL_LIMIT_MS = 4000;

/** Makes two calls, one after the other: it adds at most one to those that running workers have in flight. */
export async function lookAtPassmachine(settings: Settings, clock: Clock): Promise<Finding[]> {
  const http = watchClock(makeHttpClient({ baseUrl: settings.url, timeoutMs: CALL_LIMIT_MS }), clock);
  const tokens = makeTokens(settings, http, clock);
  const { kind } = settings.account.credentials;
  try {
    const token = await tokens.current();
    const findings = token.ok
      ? [tokenFinding(kind, tokens.timeLeftMs()), ...(await accessFindings())]
      : [noTokenFinding(token.failure, settings.url)];
    return [...findings, ...clockFindings('passmachine-clock', "Passmachine's", http.skewMs())];
  } finally {
    await http.close();
  }

  /**
   * A change without operations, to a card that does not exist. A JSON Patch of none changes nothing
   * (RFC 6902), so this would be harmless even if some card had that id.
   */
  async function accessFindings(): Promise<Finding[]> {
    const client = makePassmachineClient({ http, tokens, accountId: settings.account.id, clock });
    const result = await client.patch('passbridge-doctor', '[]');
    return [accessFinding(result.ok ? undefined : result.failure)];
  }
}

const SHORT_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;

function tokenFinding(kind: 'pair' | 'token', leftMs: number | undefined): Finding {
  const { ok, info, warning, error } = about('passmachine-token');
  if (kind === 'token') {
    const fix = 'Set a new PASSMACHINE_TOKEN, or the public and secret token, which renew themselves.';
    if (leftMs === undefined) return info('PASSMACHINE_TOKEN does not tell when it ends', fix);
    if (leftMs <= 0) return error('PASSMACHINE_TOKEN has ended', fix);
    const message = `PASSMACHINE_TOKEN ends in ${describeSpan(leftMs)}, and nobody renews it`;
    return leftMs < DAY_MS ? warning(message, fix) : ok(message);
  }
  if (leftMs !== undefined && leftMs < SHORT_MS) {
    return warning(
      `a token was obtained, and ends in ${describeSpan(leftMs)} already`,
      "Check PASSMACHINE_TOKEN_LIFE_SECONDS and this machine's clock.",
    );
  }
  return ok(`a token was obtained, good for ${describeSpan(leftMs ?? 0)} at most; it is renewed in time`);
}

function noTokenFinding({ code, detail }: Failure, url: string): Finding {
  const { error } = about('passmachine-token');
  return code === 'PM_TOKEN_REJECTED'
    ? error(
        `Passmachine refused the public and secret token: ${detail}`,
        'Check PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN.',
      )
    : error(
        `no token was obtained from ${url}: ${detail}`,
        'Check PASSMACHINE_URL, and whether this machine reaches it.',
      );
}

/** That the card does not exist, or that the change is empty, is said to those alone who were let in. */
function accessFinding(failure: Failure | undefined): Finding {
  const { ok, warning, error } = about('passmachine-access');
  if (failure?.code === 'PM_REFUSED' && /time-?stamp/i.test(failure.detail)) {
    return error(
      `Passmachine refuses the time of our calls: ${failure.detail}`,
      "Check this machine's clock.",
    );
  }
  if (failure === undefined || failure.code === 'PM_PASS_GONE' || failure.code === 'PM_REFUSED') {
    return ok('calls are let in with the token');
  }
  const { code, detail, status } = failure;
  const said = `${status ?? code}, ${detail}`;
  if (code === 'PM_UNAUTHORIZED' || code === 'PM_TOKEN_REJECTED' || code === 'PM_FORBIDDEN') {
    return error(
      `Passmachine lets no call in with the token: ${said}`,
      'Check PASSMACHINE_ACCOUNT_ID, and with Passmachine what these credentials may do.',
    );
  }
  return warning(`whether calls are let in cannot be told: ${said}`, 'Run passbridge doctor again.');
}

function describeSpan(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
