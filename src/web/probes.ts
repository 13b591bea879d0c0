/** For probes and for Prometheus: they tell nothing of anybody, so nobody has to sign in. */

import Fastify, { type FastifyInstance } from 'fastify';

export interface ProbeOptions {
  /** Whether work can be taken: Redis answers. */
  ready: () => Promise<boolean>;
  /** Metrics in Prometheus' text format. */
  metrics: () => Promise<string>;
}

/** Long enough for a scrape, short enough that nobody holds a connection by sending slowly. */
const REQUEST_MS = 15_000;

export function addProbes(server: FastifyInstance, { ready, metrics }: ProbeOptions): void {
  /** All that the process was started for runs: its ports are opened last. */
  server.get('/healthz', () => ({ status: 'ok' }));
  /** 503 while Redis does not answer: send nothing here now. */
  server.get('/readyz', async (_request, reply) => {
    const isReady = await ready();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'redis does not answer' });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
  );
}

/** Serves nothing else; rejects where the address is taken. `url`: where it listens. */
export async function startProbeServer({
  host,
  port,
  ...probes
}: ProbeOptions & { host: string; port: number }): Promise<{ url: string; stop(): Promise<void> }> {
  const server = Fastify({
    requestTimeout: REQUEST_MS,
    http: { headersTimeout: REQUEST_MS },
    forceCloseConnections: 'idle',
  });
  addProbes(server, probes);
  return { url: await server.listen({ host, port }), stop: () => server.close() };
}
