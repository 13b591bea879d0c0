/** Passmachine's tokens: handed out, checked, and taken back all at once when a test wants it. */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';

/** How a token is wrapped: no reference is public, so each likely shape can be tried. */
export type TokenShape = 'json' | 'access_token' | 'data' | 'string' | 'text';

export interface Tokens {
  /** A new token, live until `validTo` (unix seconds) or the sandbox's own limit, whichever is sooner. */
  issue(validTo: number): string;
  isLive(token: string): boolean;
  /** Every token handed out so far is refused from now on. */
  revokeAll: () => void;
}

/** No tokens yet; `lifeSeconds` caps how long any may live. */
export function makeTokens(lifeSeconds: number, clock: Clock): Tokens {
  const expiries = new Map<string, number>();
  return {
    issue(validTo) {
      const now = clock();
      for (const [token, expiry] of expiries) if (expiry <= now) expiries.delete(token);
      const token = randomUUID();
      expiries.set(token, Math.min(validTo * 1000, now + lifeSeconds * 1000));
      return token;
    },
    isLive: (token) => clock() < (expiries.get(token) ?? 0),
    revokeAll: () => expiries.clear(),
  };
}

/** The token in the body of an answer. */
export function wrapToken(token: string, shape: TokenShape): string {
  switch (shape) {
    case 'json':
      return JSON.stringify({ token });
    case 'access_token':
      return JSON.stringify({ access_token: token });
    case 'data':
      return JSON.stringify({ data: { token } });
    case 'string':
      return JSON.stringify(token);
    case 'text':
      return token;
  }
}
