/** Declares which role each route of the dashboard needs. */

import type { FastifyInstance } from 'fastify';
import type { Operator, OperatorRole } from '../../domain/operators/operator.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The lowest role that may use the route; `anyone` needs no sign-in. */
    role?: OperatorRole | 'anyone';
  }
  interface FastifyRequest {
    /** The operator who made the request; may be unset on routes for `anyone`. */
    operator: Operator;
    /** Whether the operator has a session, and so can sign out. */
    isSignedIn: boolean;
    /** Resolves with whether the request would still be allowed now; event streams check it repeatedly. */
    isStillAllowed(): Promise<boolean>;
  }
  interface FastifyReply {
    /** Returns the token that forms of the page must send back. */
    csrfToken(): string;
  }
}

/** Makes the server refuse to start if a route of the scope declares no role. */
export function requireRoles(scope: FastifyInstance): void {
  const added: { url: string; config?: { role?: unknown } }[] = [];
  // Read when the server is ready: nested scopes may set the role of all their routes in later hooks.
  scope.addHook('onRoute', (route) => void added.push(route));
  scope.addHook('onReady', (done) => {
    const without = added.filter(({ config }) => config?.role === undefined).map(({ url }) => url);
    const names = [...new Set(without)].join(', ');
    done(names === '' ? undefined : new Error(`routes without a role: ${names}`));
  });
}
