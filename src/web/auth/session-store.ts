/** Sessions as the session plugin keeps them, in whatever the app hands in. */

import { callbackify } from 'node:util';
import type { SessionStore } from '@fastify/session';
import type { Session } from 'fastify';
import type { OperatorRole } from '../../domain/operators/operator.ts';
import type { SignOnFlow } from './single-sign-on.ts';

/** See the ledger. */
export interface Sessions {
  save(id: string, session: unknown, ttlMs: number): Promise<void>;
  find(id: string): Promise<unknown>;
  remove(id: string): Promise<void>;
}

/** By a password, which is compared with what the file has by now; or at a provider, whose word counts for a day. */
export type SignedInBy = { kind: 'password'; stamp: string } | { kind: 'sso'; role: OperatorRole };

declare module 'fastify' {
  interface Session {
    /** Who signed in, when (ms) and how; absent before. */
    signedIn?: { name: string; at: number; by: SignedInBy };
    /** A sign-in at the provider that is under way. */
    signingOn?: SignOnFlow;
  }
}

/** Without a request for so long, somebody has to sign in again. */
export const IDLE_MS = 8 * 60 * 60_000;
/** Whoever only looks at the sign-in page takes room for so long. */
export const VISIT_MS = 60 * 60_000;

/** `visitMs`: how long a session lasts in which nobody has signed in. */
export function makeSessionStore(sessions: Sessions, visitMs: number): SessionStore {
  return {
    get: callbackify(async (id: string) => revived(await sessions.find(id))),
    set: callbackify((id: string, session: Session) =>
      sessions.save(id, session, session.signedIn === undefined ? visitMs : IDLE_MS),
    ),
    destroy: callbackify((id: string) => sessions.remove(id)),
  };
}

/** Times come back from JSON as text. */
function revived(found: unknown): Session | null {
  if (found === undefined) return null;
  const session = found as Session;
  const { expires } = session.cookie;
  return { ...session, cookie: { ...session.cookie, expires: expires == null ? null : new Date(expires) } };
}
