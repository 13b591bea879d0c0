/** Where Passmachine's bearer token comes from, by what the configuration gives. */

import type { ConfigWith } from '../config/config.ts';
import { failure } from '../domain/failures/failure.ts';
import type { Clock } from '../kit/clock.ts';
import type { HttpClient } from '../kit/http/http.ts';
import type { Logger } from '../kit/logger.ts';
import { makeAuthenticate } from '../passmachine/authenticate.ts';
import { makeFixedToken, makeTokenSource, type TokenSource } from '../passmachine/token.ts';
import type { Part } from '../kit/part.ts';

/** One that renews itself from the account's credentials, or the one set by hand. */
export function makeTokens(
  config: ConfigWith<'passmachine'>['passmachine'],
  http: HttpClient,
  clock: Clock,
): TokenSource {
  const { credentials } = config.account;
  if (credentials.kind === 'pair') {
    return makeTokenSource(makeAuthenticate(http, credentials, config.tokenLifeMs, clock), clock);
  }
  const remedy =
    'PASSMACHINE_TOKEN has ended or is wrong: set a new one, or the public and secret token instead';
  return makeFixedToken(credentials.token, failure('PM_TOKEN_REJECTED', remedy), clock);
}

const WARN_BELOW_MS = 24 * 3_600_000;
const WARN_EVERY_MS = 3_600_000;

/** Warns, now and every hour, once a token that nobody can renew has less than a day left. */
export function warnOfTokenEnd(
  config: ConfigWith<'passmachine'>['passmachine'],
  tokens: TokenSource,
  log: Logger,
): Part {
  const warn = () => {
    const left = tokens.timeLeftMs();
    if (left === undefined || left > WARN_BELOW_MS) return;
    log.warn(
      { event: 'token.ending', minutesLeft: Math.floor(left / 60_000) },
      'PASSMACHINE_TOKEN ends soon: set a new one',
    );
  };
  const fixed = config.account.credentials.kind === 'token';
  if (fixed) warn();
  const timer = fixed ? setInterval(warn, WARN_EVERY_MS) : undefined;
  return { name: 'token watch', stop: async () => clearInterval(timer) };
}
