/** Health probes and metrics. They expose no personal data, so they need no sign-in. */

import Fastify, { type FastifyInstance } from 'fastify';
import { connectionLimits, makeStop } from './connections.ts';

export interface ProbeOptions {
  /** Resolves with why no work can be accepted now; undefined if it can. Must resolve within two seconds. */
  unreadiness: () => Promise<string | undefined>;
  /** Returns why the process must be restarted, as a sentence without its period; undefined if it is well. */
  problem: () => string | undefined;
  /** Returns whether the process takes no more jobs. It is alive and ready all the same: it serves HTTP. */
  isQuiet: () => boolean;
  /** Resolves with all metrics in the Prometheus text format. */
  metrics: () => Promise<string>;
}

export function addProbes(server: FastifyInstance, options: ProbeOptions): void {
  const { unreadiness, problem, isQuiet, metrics } = options;
  const body = (status: string) => ({ status, ...(isQuiet() && { quiet: true }) });
  /** Liveness: 503 if only a restart helps. Ports open last, so an answer also means that startup is complete. */
  server.get('/healthz', async (_request, reply) => {
    const found = problem();
    return reply.code(found === undefined ? 200 : 503).send(body(found ?? 'ok'));
  });
  /** Readiness: 503 with the reason while Redis stores nothing or the process stops. */
  server.get('/readyz', async (_request, reply) => {
    const reason = await unreadiness();
    return reply.code(reason === undefined ? 200 : 503).send(body(reason ?? 'ready'));
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
  );
}

/** A probe takes milliseconds, and this server stops last: everything else has stopped already. */
const STOP_WITHIN_MS = 200;

/** Starts a server with the probes only. Resolves with its URL; rejects if the address is in use. */
export async function startProbeServer({
  host,
  port,
  ...probes
}: ProbeOptions & { host: string; port: number }): Promise<{ url: string; stop(): Promise<void> }> {
  const server = Fastify(connectionLimits);
  const stop = makeStop(server, STOP_WITHIN_MS);
  addProbes(server, probes);
  return { url: await server.listen({ host, port }), stop };
}
