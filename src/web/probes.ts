/** Health probes and metrics. They expose no personal data, so they need no sign-in. */

import Fastify, { type FastifyInstance } from 'fastify';
import type { HealthState } from '../domain/monitoring/health.ts';
import { withDeadline } from '../kit/deadline.ts';
import { connectionLimits, makeStop } from './connections.ts';

export interface ProbeOptions {
  /** Resolves with why no work can be accepted now; undefined if it can. Must resolve within two seconds. */
  unreadiness: () => Promise<string | undefined>;
  /** Returns why the process must be restarted, as a sentence without its period; undefined if it is well. */
  problem: () => string | undefined;
  /** Returns whether the process takes no more jobs. It is alive and ready all the same: it serves HTTP. */
  isQuiet: () => boolean;
  /** Resolves within about a second with the state that every page shows, also while Redis is away. */
  health: () => Promise<HealthState>;
  /** Resolves with all metrics in the Prometheus text format. */
  metrics: () => Promise<string>;
}

export function addProbes(server: FastifyInstance, options: ProbeOptions): void {
  const { unreadiness, problem, isQuiet, health, metrics } = options;
  const body = (status: string) => ({ status, ...(isQuiet() && { quiet: true }) });
  /**
   * Liveness: 503 if only a restart helps. Ports open last, so an answer also means that startup is complete. Whether
   * anything is sent changes no status: a restart brings back neither Redis nor Passmachine.
   */
  server.get('/healthz', async (_request, reply) => {
    const found = problem();
    const sending = await soon(health());
    return reply
      .code(found === undefined ? 200 : 503)
      .send({ ...body(found ?? 'ok'), ...(sending !== undefined && { sending }) });
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

/** A probe gives up after a second or two, and must learn of this process before that. */
const HEALTH_MS = 500;

/** Resolves with undefined if the health cannot be judged in time. */
async function soon(health: Promise<HealthState>): Promise<HealthState | undefined> {
  return withDeadline(
    HEALTH_MS,
    () => health,
    () => new Error('late'),
  ).catch(() => undefined);
}

/** A probe takes milliseconds, and this server stops last: everything else has stopped already. */
const STOP_WITHIN_MS = 200;

interface ProbeServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a server with the probes only, on the first port that is free: several processes on a machine share the setting.
 * Rejects if all of them are in use.
 */
export async function startProbeServer({
  host,
  ports: { first, last },
  ...probes
}: ProbeOptions & { host: string; ports: { first: number; last: number } }): Promise<ProbeServer> {
  for (let port = first; port <= last; port += 1) {
    const server = Fastify(connectionLimits);
    const stop = makeStop(server, STOP_WITHIN_MS);
    addProbes(server, probes);
    try {
      return { url: await server.listen({ host, port }), stop };
    } catch (error) {
      await server.close();
      if (!isInUse(error)) throw error;
    }
  }
  throw inUse(host, first === last ? String(first) : `${first}-${last}`);
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/** Returns the error of the operating system, with a range in the place of the port. */
function inUse(address: string, port: string): Error {
  return Object.assign(new Error(`${address}:${port} is in use`), {
    code: 'EADDRINUSE',
    syscall: 'listen',
    address,
    port,
  });
}
