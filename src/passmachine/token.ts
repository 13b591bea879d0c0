/**
 * The bearer token: fetched once, renewed ahead of its end, one renewal at a time however many
 * calls need it. A renewal runs inside the call that noticed the need, so it never exceeds the cap
 * on calls in flight.
 */

import type { Failure } from '../domain/failures/failure.ts';
import type { Clock } from '../kit/clock.ts';

export type TokenResult = { ok: true; token: string } | { ok: false; failure: Failure };

/** A token and the moment (ms) until which it may be used; Infinity where nobody knows. */
export interface Token {
  value: string;
  validUntil: number;
}

/** Asks Passmachine for a token. */
export type Authenticate = () => Promise<{ ok: true; token: Token } | { ok: false; failure: Failure }>;

export interface TokenSource {
  /** A token that is good now. */
  current(): Promise<TokenResult>;
  /** A token other than the one that was just refused. */
  replace(refused: string): Promise<TokenResult>;
  /** Milliseconds that the token in hand is still valid; undefined before the first. */
  timeLeftMs(): number | undefined;
}

/** A token is renewed once this share of its life is left. */
const RENEW_AT_SHARE = 0.1;

/** Tokens obtained with the account's public and secret token. */
export function makeTokenSource(authenticate: Authenticate, clock: Clock): TokenSource {
  let token: Token | undefined;
  let renewAt = 0;
  let renewal: Promise<TokenResult> | undefined;

  const renew = (): Promise<TokenResult> => {
    renewal ??= (async (): Promise<TokenResult> => {
      const askedAt = clock();
      const answer = await authenticate();
      if (!answer.ok) return answer;
      token = answer.token;
      renewAt = token.validUntil - (token.validUntil - askedAt) * RENEW_AT_SHARE;
      return { ok: true, token: token.value };
    })().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };

  return {
    async current() {
      if (token === undefined || clock() >= token.validUntil) return renew();
      if (clock() < renewAt || renewal !== undefined) return { ok: true, token: token.value };
      const renewed = await renew();
      // The old one is still good: a failed early renewal is tried again by a later call.
      return renewed.ok ? renewed : { ok: true, token: token.value };
    },
    async replace(refused) {
      if (token !== undefined && token.value !== refused) return { ok: true, token: token.value };
      return renew();
    },
    timeLeftMs: () => token && token.validUntil - clock(),
  };
}

/** A token that somebody obtained by hand: used as it is, and nothing can replace it. */
export function makeFixedToken(value: string, whenRefused: Failure, clock: Clock): TokenSource {
  const validUntil = jwtExpiry(value);
  return {
    current: async () => ({ ok: true, token: value }),
    replace: async () => ({ ok: false, failure: whenRefused }),
    timeLeftMs: () => (validUntil === undefined ? undefined : validUntil - clock()),
  };
}

/** The end (ms) that a JSON Web Token names in itself (RFC 7519 §4.1.4); undefined for any other token. */
export function jwtExpiry(token: string): number | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined;
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
