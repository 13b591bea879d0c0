/** The HTTP server: health for machines, metrics, the campaigns for people and programs, and the doors in. */

import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Campaign } from '../job/campaign.ts';
import { refuse } from './doors/answers.ts';
import { addDoors, type DoorsOptions } from './doors/doors.ts';

interface WebOptions extends DoorsOptions {
  host: string;
  port: number;
  campaigns: () => Promise<Campaign[]>;
  /** Campaigns as text for a person. */
  describe: (campaigns: readonly Campaign[]) => string;
  /** Whether work can be taken: Redis answers. */
  ready: () => Promise<boolean>;
  /** Metrics in Prometheus' text format. */
  metrics: () => Promise<string>;
}

export interface WebServer {
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Takes no more, and answers what it has taken. */
  stop(): Promise<void>;
}

/** A request that has not come in by then is given up with 408: nobody holds a connection by sending slowly. */
const REQUEST_MS = 15_000;
/** The same for a connection on which nothing moves, e.g. where nobody reads the answer. */
const SILENCE_MS = 30_000;

/** Starts listening; rejects where the address is taken. */
export async function startWebServer(options: WebOptions): Promise<WebServer> {
  const { host, port } = options;
  const server = Fastify({
    requestTimeout: REQUEST_MS,
    connectionTimeout: SILENCE_MS,
    http: { headersTimeout: REQUEST_MS, connectionsCheckingInterval: 1000 },
    forceCloseConnections: 'idle',
    // While it stops it answers as always: a 503 is nothing that Bloomreach is known to repeat.
    return503OnClosing: false,
    // Fastify would answer an address that it cannot read with 400, which stops a whole campaign.
    frameworkErrors: (error, _request, reply) => void refuse(reply, 'UNUSABLE', error.message),
  });
  void server.register(async (pages) => addPages(pages, options));
  void addDoors(server, options);
  return { url: await server.listen({ host, port }), stop: () => server.close() };
}

async function addPages(pages: FastifyInstance, options: WebOptions): Promise<void> {
  const { campaigns, describe, ready, metrics } = options;
  await pages.register(helmet, {
    // Whoever puts TLS in front of this server decides about it.
    strictTransportSecurity: false,
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
  });

  /** The process is up. */
  pages.get('/healthz', () => ({ status: 'ok' }));
  /** 503 while Redis does not answer: send nothing here now. */
  pages.get('/readyz', async (_request, reply) => {
    const isReady = await ready();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'redis does not answer' });
  });
  pages.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
  );
  /** `{"campaigns":[…]}` as `passbridge status --json` prints it. */
  pages.get('/api/campaigns', async () => ({ campaigns: await campaigns() }));
  pages.get('/', async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(describe(await campaigns())),
  );
}
