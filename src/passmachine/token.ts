/**
 * The bearer token: fetched once, renewed before it expires, with a single renewal in flight however many calls
 * need it. A renewal runs inside the call that needs it, so it never exceeds the cap on calls in flight.
 */

import { z } from 'zod';
import { failure, type Failure } from '../domain/failures/failure.ts';
import type { Clock, MonotonicClock } from '../kit/clock.ts';
import type { HttpClient, HttpRequest } from '../kit/http/client.ts';
import { parseExactJson } from '../kit/json/exact-json.ts';
import { passmachineFailure } from './answers.ts';
import { parseShape } from '../kit/json/parse-shape.ts';

export type TokenResult = { ok: true; token: string } | { ok: false; failure: Failure };

export interface Token {
  value: string;
  /** How long it is valid from the request on, ms; Infinity if unknown. */
  lifeMs: number;
}

/** Fetches a token from Passmachine. */
export type Authenticate = () => Promise<{ ok: true; token: Token } | { ok: false; failure: Failure }>;

export interface TokenSource {
  /** Returns a valid token. */
  current(): Promise<TokenResult>;
  /** Returns a token other than the one that Passmachine just refused. */
  replace(refused: string): Promise<TokenResult>;
  /** Fetches a new token now; absent if the token cannot be renewed. */
  renew?: () => Promise<TokenResult>;
  /** Returns how long the current token is still valid, ms; undefined if there is none yet. */
  timeLeftMs(): number | undefined;
}

/** A token is renewed when this share of its lifetime is left. */
const RENEW_AT_SHARE = 0.1;

/** Makes a source of tokens that renews them through `authenticate`. */
export function makeTokenSource(authenticate: Authenticate, clock: MonotonicClock): TokenSource {
  let token: { value: string; renewAt: number; validUntil: number } | undefined;
  let renewal: Promise<TokenResult> | undefined;

  const renew = (): Promise<TokenResult> => {
    renewal ??= (async (): Promise<TokenResult> => {
      const requestedAt = clock();
      const result = await authenticate();
      if (!result.ok) return result;
      const { value, lifeMs } = result.token;
      const renewAt = requestedAt + lifeMs * (1 - RENEW_AT_SHARE);
      token = { value, renewAt, validUntil: requestedAt + lifeMs };
      return { ok: true, token: token.value };
    })().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };

  return {
    renew,
    async current() {
      if (token === undefined || clock() >= token.validUntil) return renew();
      if (clock() < token.renewAt || renewal !== undefined) return { ok: true, token: token.value };
      const renewed = await renew();
      // The current token is still valid: if an early renewal fails, a later call retries it.
      return renewed.ok ? renewed : { ok: true, token: token.value };
    },
    async replace(refused) {
      if (token !== undefined && token.value !== refused) return { ok: true, token: token.value };
      return renew();
    },
    timeLeftMs: () => token && token.validUntil - clock(),
  };
}

/** Makes a source of one configured token, which cannot be renewed. */
export function makeFixedToken(value: string, whenRefused: Failure, clock: Clock): TokenSource {
  const validUntil = jwtExpiry(value);
  return {
    current: async () => ({ ok: true, token: value }),
    replace: async () => ({ ok: false, failure: whenRefused }),
    timeLeftMs: () => (validUntil === undefined ? undefined : validUntil - clock()),
  };
}

interface Credentials {
  publicToken: string;
  secretToken: string;
}

/**
 * Makes the function that calls `GET /authenticate?validTo={unix seconds}` with the account's public and secret
 * token. Requests tokens that live `lifeMs`; a JWT that expires earlier takes precedence.
 */
export function makeAuthenticate(
  http: HttpClient,
  { publicToken, secretToken }: Credentials,
  lifeMs: number,
  clock: Clock,
): Authenticate {
  const authorization = `Basic ${Buffer.from(`${publicToken}:${secretToken}`).toString('base64')}`;

  return async () => {
    const requestedAt = clock();
    const validTo = Math.floor((requestedAt + lifeMs) / 1000);
    const path = `/authenticate?validTo=${validTo}`;
    const request: HttpRequest = { method: 'GET', path, headers: { authorization } };
    const result = await http.send(request);
    const failed = passmachineFailure(result, request);
    if (failed !== undefined) return { ok: false, failure: failed };
    const value = result.answered ? readToken(result.text) : undefined;
    if (value === undefined) {
      // The body may contain a token in another shape, so it is not quoted.
      const detail = 'authenticate answered 2xx without a token';
      return { ok: false, failure: failure('PM_TOKEN_UNAVAILABLE', detail) };
    }
    const validUntil = Math.min(validTo * 1000, jwtExpiry(value) ?? Infinity);
    // A clock that differs from Passmachine's may make a new token look expired: it is used until it is refused.
    return { ok: true, token: { value, lifeMs: Math.max(MIN_LIFE_MS, validUntil - requestedAt) } };
  };
}

/** Otherwise every call would ask for a token of its own. */
const MIN_LIFE_MS = 30_000;

/** Characters that a header can carry. */
const tokenText = z
  .string()
  .trim()
  .regex(/^[!-~]+$/);

/** The guide does not show the answer, so all common shapes are accepted. */
const tokenAnswer = z.union([
  tokenText,
  z.object({ token: tokenText }).transform((answer) => answer.token),
  z.object({ access_token: tokenText }).transform((answer) => answer.access_token),
  z.object({ data: z.object({ token: tokenText }) }).transform((answer) => answer.data.token),
]);

function readToken(text: string): string | undefined {
  let answer: unknown;
  try {
    answer = parseExactJson(text);
  } catch {
    // Plain text: a token is a single word; anything else is an error page.
    answer = /^\S+$/.test(text.trim()) && !text.includes('<') ? text : undefined;
  }
  return parseShape(tokenAnswer, answer).data;
}

/** In the year 5138; a larger number is in milliseconds. */
const MAX_UNIX_SECONDS = 1e11;
const MAX_UNIX_MS = MAX_UNIX_SECONDS * 1000;

/** Returns the expiry in ms from a JSON Web Token's `exp` (RFC 7519 §4.1.4); undefined for any other token. */
export function jwtExpiry(token: string): number | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const claims = parseExactJson(Buffer.from(payload, 'base64url').toString('utf8'));
    const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined;
    if (typeof exp !== 'number' || exp <= 0 || exp > MAX_UNIX_MS) return undefined;
    // Some issuers give milliseconds.
    return exp > MAX_UNIX_SECONDS ? exp : exp * 1000;
  } catch {
    return undefined;
  }
}
