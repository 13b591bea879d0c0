/** Adapts the ledger's sessions to @fastify/session. */

import { callbackify } from 'node:util';
import type { SessionStore } from '@fastify/session';
import type { Session } from 'fastify';
import type { OperatorRole } from '../../domain/operators/operator.ts';
import { systemClock } from '../../kit/clock.ts';
import { explainRefusal } from '../../kit/redis/refusal.ts';
import type { SignOnFlow } from './single-sign-on.ts';

/** Port to the ledger. */
export interface Sessions {
  save(id: string, session: unknown, ttlMs: number): Promise<void>;
  find(id: string): Promise<unknown>;
  remove(id: string): Promise<void>;
}

/**
 * A password's `stamp` is compared with the current operators file; a provider's role is valid for a day. A session of
 * the access token survives a restart, so that open pages continue.
 */
export type SignedInBy =
  | { kind: 'password'; stamp: string }
  | { kind: 'token' }
  | { kind: 'sso'; role: OperatorRole };

declare module 'fastify' {
  interface Session {
    /** Who signed in, when (ms since 1970) and how; absent before sign-in. */
    signedIn?: { name: string; at: number; by: SignedInBy };
    /** A sign-in at the provider that has not finished. */
    signingOn?: SignOnFlow;
  }
}

/** Without requests a session expires after this long. */
export const IDLE_MS = 8 * 60 * 60_000;
/** Lifetime of a session that has only seen the sign-in page. */
const ANONYMOUS_MS = 60 * 60_000;

const NEW_MS = 60_000;

export function makeSessionStore(sessions: Sessions): SessionStore {
  return {
    get: callbackify(async (id: string) => parseSession(await sessions.find(id))),
    set: callbackify(async (id: string, session: Session) => {
      try {
        await sessions.save(id, session, session.signedIn === undefined ? ANONYMOUS_MS : IDLE_MS);
      } catch (error) {
        // A page must be shown although a full or read-only Redis prolongs no session. A new sign-in needs its session.
        const isNew = session.signedIn !== undefined && systemClock() - session.signedIn.at < NEW_MS;
        if (isNew || explainRefusal(error) === undefined) throw error;
      }
    }),
    destroy: callbackify((id: string) => sessions.remove(id)),
  };
}

/** Restores the cookie's expiry, which JSON holds as text. */
function parseSession(found: unknown): Session | null {
  if (found === undefined) return null;
  const session = found as Session;
  const { expires } = session.cookie;
  return { ...session, cookie: { ...session.cookie, expires: expires == null ? null : new Date(expires) } };
}
