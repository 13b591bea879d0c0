/** The source of Passmachine's bearer token, depending on the configuration. */

import type { ConfigWith } from '../config/config.ts';
import { failure } from '../domain/failures/failure.ts';
import { type Clock, monotonicClock } from '../kit/clock.ts';
import type { HttpClient } from '../kit/http/client.ts';
import type { Logger } from '../kit/logger.ts';
import type { Part } from '../kit/part.ts';
import { startPeriodic } from '../kit/periodic.ts';
import { makeAuthenticate, makeFixedToken, makeTokenSource, type TokenSource } from '../passmachine/token.ts';

/** Returns a source that renews its token from the account's credentials, or the configured token. */
export function makeTokens(
  config: ConfigWith<'passmachine'>['passmachine'],
  http: HttpClient,
  clock: Clock,
): TokenSource {
  const { credentials } = config.account;
  if (credentials.kind === 'pair') {
    return makeTokenSource(makeAuthenticate(http, credentials, config.tokenLifeMs, clock), monotonicClock);
  }
  const remedy =
    'PASSMACHINE_TOKEN has expired or is wrong: set a new one, or the public and secret token instead';
  return makeFixedToken(credentials.token, failure('PM_TOKEN_REJECTED', remedy), clock);
}

const WARN_BELOW_MS = 24 * 3_600_000;
const WARN_EVERY_MS = 3_600_000;

/** Logs a warning, now and every hour, while a token that is not renewed has less than a day left. */
export function startTokenExpiryWarning(
  config: ConfigWith<'passmachine'>['passmachine'],
  tokens: TokenSource,
  log: Logger,
): Part {
  const name = 'token expiry warning';
  if (config.account.credentials.kind === 'pair') return { name, stop: async () => {} };
  return startPeriodic({
    name,
    everyMs: WARN_EVERY_MS,
    log,
    work: async () => {
      const left = tokens.timeLeftMs();
      if (left === undefined || left > WARN_BELOW_MS) return;
      log.warn(
        { event: 'token.expiring', minutesLeft: Math.floor(left / 60_000) },
        'PASSMACHINE_TOKEN expires soon: set a new one',
      );
    },
  });
}
