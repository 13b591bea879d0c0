/** Health probes and metrics. They expose no personal data, so they need no sign-in. */

import Fastify, { type FastifyInstance } from 'fastify';

export interface ProbeOptions {
  /** Resolves with whether Redis answers, so that work can be accepted. */
  ready: () => Promise<boolean>;
  /** Resolves with all metrics in the Prometheus text format. */
  metrics: () => Promise<string>;
}

/** Long enough for a scrape; closes connections of clients that send slowly. */
const REQUEST_TIMEOUT_MS = 15_000;

export function addProbes(server: FastifyInstance, { ready, metrics }: ProbeOptions): void {
  /** Liveness. Ports open last, so an answer also means that startup is complete. */
  server.get('/healthz', () => ({ status: 'ok' }));
  /** Readiness: 503 while Redis does not answer. */
  server.get('/readyz', async (_request, reply) => {
    const isReady = await ready();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'redis does not answer' });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
  );
}

/** Starts a server with the probes only. Resolves with its URL; rejects if the address is in use. */
export async function startProbeServer({
  host,
  port,
  ...probes
}: ProbeOptions & { host: string; port: number }): Promise<{ url: string; stop(): Promise<void> }> {
  const server = Fastify({
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: REQUEST_TIMEOUT_MS },
    forceCloseConnections: 'idle',
  });
  addProbes(server, probes);
  return { url: await server.listen({ host, port }), stop: () => server.close() };
}
