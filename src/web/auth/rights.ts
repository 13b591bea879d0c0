/** What every route of the dashboard says of itself: who may use it. */

import type { FastifyInstance } from 'fastify';
import type { Operator, OperatorRole } from '../../domain/operators/operator.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least role that may use the route; `anyone` need not have signed in. */
    role?: OperatorRole | 'anyone';
  }
  interface FastifyRequest {
    /** Who asks; on routes for anyone perhaps nobody. */
    operator: Operator;
    /** Whether they signed in, and so can sign out. */
    isSignedIn: boolean;
    /** Whether the right that the request began with still stands, for streams that last. */
    mayStay(): Promise<boolean>;
  }
  interface FastifyReply {
    /** What forms of the page have to bring back. */
    csrfToken(): string;
  }
}

/** Refuses to start while a route of the scope does not say who may use it: none can be forgotten. */
export function insistOnRoles(scope: FastifyInstance): void {
  const routes: { url: string; config?: { role?: unknown } }[] = [];
  // Looked at last: scopes within this one may still say it for all their routes.
  scope.addHook('onRoute', (route) => void routes.push(route));
  scope.addHook('onReady', (done) => {
    const without = routes.filter(({ config }) => config?.role === undefined).map(({ url }) => url);
    const names = [...new Set(without)].join(', ');
    done(names === '' ? undefined : new Error(`who may use these routes? ${names}`));
  });
}
