/** Reports how long each request took, by the pattern of its route. */

import type { FastifyInstance } from 'fastify';

export interface RequestTimesOptions {
  /** Receives each request that was answered. `route`: its pattern, or `unmatched`. */
  onAnswered?: (request: { method: string; route: string; status: number; seconds: number }) => void;
}

/** Must be called before routes are added. An event stream lasts as long as its page is open, and is left out. */
export function addRequestTimes(server: FastifyInstance, { onAnswered }: RequestTimesOptions): void {
  if (onAnswered === undefined) return;
  server.addHook(
    'onResponse',
    async ({ method, routeOptions, headers }, { statusCode, raw, elapsedTime }) => {
      if (headers.accept === 'text/event-stream') return;
      // A hijacked reply has its status in the raw response only.
      const status = raw.headersSent ? raw.statusCode : statusCode;
      onAnswered({ method, route: routeOptions.url ?? 'unmatched', status, seconds: elapsedTime / 1000 });
    },
  );
}
