/** Checks that Passmachine issues a token and accepts calls with it. */

import type { ConfigWith } from '../../config/config.ts';
import { type Failure, isOutage } from '../../domain/failures/failure.ts';
import { formatDuration } from '../../domain/presentation/format.ts';
import type { Clock } from '../../kit/clock.ts';
import { makeHttpClient } from '../../kit/http/client.ts';
import type { ProxySettings } from '../../kit/http/proxy.ts';
import { makePassmachineClient } from '../../passmachine/client.ts';
import { makeTokens } from '../tokens.ts';
import { type Finding, findingsOf } from './check.ts';
import { type ReachedAt, reachedAt } from './reached-at.ts';
import { clockFindings, watchClock } from './clock-skew.ts';

type Settings = ConfigWith<'passmachine'>['passmachine'];

/** Two calls in a row must fit into the timeout of a check. */
const CALL_TIMEOUT_MS = 4000;

/** Makes two calls one after the other, so at most one call beside those of running workers. */
export async function checkPassmachine(
  settings: Settings,
  { proxies, clock }: { proxies?: ProxySettings; clock: Clock },
): Promise<Finding[]> {
  const options = { baseUrl: settings.url, timeoutMs: CALL_TIMEOUT_MS, proxies };
  const http = watchClock(makeHttpClient(options), clock);
  const where = reachedAt(settings.url, proxies);
  const tokens = makeTokens(settings, http, clock);
  const { kind } = settings.account.credentials;
  try {
    const token = await tokens.current();
    const findings = token.ok
      ? [tokenFinding(kind, tokens.timeLeftMs()), ...(await checkAccess())]
      : [noTokenFinding(token.failure, where)];
    return [...findings, ...clockFindings('passmachine-clock', 'Passmachine', http.skewMs())];
  } finally {
    await http.close();
  }

  /**
   * Sends a JSON Patch without operations to a card that does not exist. An empty patch changes nothing
   * (RFC 6902), so this would be harmless even if a card had that id.
   */
  async function checkAccess(): Promise<Finding[]> {
    const client = makePassmachineClient({ http, tokens, accountId: settings.account.id, clock });
    const result = await client.patch('passbridge-doctor', async () => '[]');
    return [accessFinding('failure' in result ? result.failure : undefined, where)];
  }
}

const SHORT_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;

function tokenFinding(kind: 'pair' | 'token', leftMs: number | undefined): Finding {
  const { ok, warning, error } = findingsOf('passmachine-token');
  if (kind === 'token') {
    const fix =
      'Set a new PASSMACHINE_TOKEN, or the public and secret token, which are renewed automatically.';
    if (leftMs === undefined) return warning('PASSMACHINE_TOKEN has no known expiry date', fix);
    if (leftMs <= 0) return error('PASSMACHINE_TOKEN has expired', fix);
    const message = `PASSMACHINE_TOKEN expires in ${formatDuration(leftMs)} and is not renewed`;
    return leftMs < DAY_MS ? warning(message, fix) : ok(message);
  }
  if (leftMs !== undefined && leftMs < SHORT_MS) {
    return warning(
      `obtained a token that expires in ${formatDuration(leftMs)}`,
      "Check PASSMACHINE_TOKEN_LIFE_SECONDS and this machine's clock.",
    );
  }
  return ok(`obtained a token, valid for ${formatDuration(leftMs ?? 0)} and renewed automatically`);
}

function noTokenFinding({ code, detail }: Failure, { address, fix }: ReachedAt): Finding {
  const { error } = findingsOf('passmachine-token');
  return code === 'PM_TOKEN_REJECTED'
    ? error(
        `Passmachine refused the public and secret token: ${detail}`,
        'Check PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN.',
      )
    : error(`could not obtain a token from ${address}: ${detail}`, `Check PASSMACHINE_URL, and that ${fix}.`);
}

/** An answer about the missing card or the empty patch proves that the call was authorized. */
function accessFinding(failure: Failure | undefined, { address, fix }: ReachedAt): Finding {
  const { ok, warning, error } = findingsOf('passmachine-access');
  if (failure?.code === 'PM_REFUSED' && /time-?stamp/i.test(failure.detail)) {
    return error(
      `Passmachine refuses the timestamp of our calls: ${failure.detail}`,
      "Check this machine's clock.",
    );
  }
  if (failure === undefined || failure.code === 'PM_PASS_GONE' || failure.code === 'PM_REFUSED') {
    return ok('calls with the token are accepted');
  }
  const { code, detail, status } = failure;
  const answer = `${status ?? code}, ${detail}`;
  if (code === 'PM_UNAUTHORIZED' || code === 'PM_TOKEN_REJECTED' || code === 'PM_FORBIDDEN') {
    return error(
      `Passmachine rejects calls with the token: ${answer}`,
      'Check PASSMACHINE_ACCOUNT_ID, and ask Passmachine which permissions these credentials have.',
    );
  }
  if (isOutage(failure)) {
    return error(
      `calls to ${address} fail: ${answer}`,
      `Check PASSMACHINE_URL, and that ${fix}. If Passmachine is down, run passbridge doctor again later.`,
    );
  }
  return warning(`could not determine whether calls are accepted: ${answer}`, 'Run passbridge doctor again.');
}
