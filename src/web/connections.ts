/**
 * The connections of an HTTP server: how long a slow or silent client may hold one, and how all of them end when the
 * server stops. Stopping must not wait for a stranger: browsers open connections ahead of any request, and a client
 * may send half a request and no more.
 */

import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** A request that is not received completely by then gets a 408, so that slow senders do not hold connections. */
const REQUEST_TIMEOUT_MS = 15_000;
/** A connection without traffic is closed after this long, e.g. if the client does not read the response. */
const IDLE_TIMEOUT_MS = 30_000;

export const connectionLimits = {
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionTimeout: IDLE_TIMEOUT_MS,
  http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1000 },
  forceCloseConnections: 'idle',
  // A request that arrives on an open connection during the stop is answered like those before it.
  return503OnClosing: false,
} as const;

/** Interval in which connections that have become idle are closed; Node would keep them alive. */
const CLOSE_IDLE_EVERY_MS = 50;
/** A connection that has sent no byte by then sends no request: on a busy machine the first one is read late. */
const SILENT_MS = 250;

/**
 * Returns the function that stops a server. It accepts no more connections, and closes those without a request: idle
 * ones at once, and those that never sent a byte soon. After `withinMs` everything that is left is closed, half a
 * request included. Must be called before the server listens.
 */
export function makeStop(server: FastifyInstance, withinMs: number): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const stop = async () => {
    const closeIdle = setInterval(() => server.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    const closeSilent = setTimeout(() => {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    }, SILENT_MS);
    const closeAll = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, withinMs);
    try {
      await server.close();
    } finally {
      clearInterval(closeIdle);
      clearTimeout(closeSilent);
      clearTimeout(closeAll);
    }
  };
  let stopped: Promise<void> | undefined;
  return () => (stopped ??= stop());
}
