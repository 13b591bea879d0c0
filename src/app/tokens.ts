/** Where Passmachine's bearer token comes from, by what the configuration gives. */

import type { ConfigWith } from '../config/config.ts';
import { failure } from '../job/failure.ts';
import type { Clock } from '../kit/clock.ts';
import type { HttpClient } from '../kit/http.ts';
import { makeAuthenticate } from '../passmachine/authenticate.ts';
import { makeFixedToken, makeTokenSource, type TokenSource } from '../passmachine/token.ts';

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
