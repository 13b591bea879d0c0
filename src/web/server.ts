/** The HTTP server: health for machines, metrics, the campaigns for people and programs, and the doors in. */

import Fastify from 'fastify';
import type { Campaign } from '../job/campaign.ts';
import { addWebhookDoor, type WebhookDoorOptions } from './webhook-door.ts';

interface WebOptions extends WebhookDoorOptions {
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
  stop(): Promise<void>;
}

/** Starts listening; rejects where the address is taken. */
export async function startWebServer(options: WebOptions): Promise<WebServer> {
  const { host, port, campaigns, describe, ready, metrics } = options;
  const server = Fastify({ forceCloseConnections: true });

  /** The process is up. */
  server.get('/healthz', () => ({ status: 'ok' }));
  /** 503 while Redis does not answer: send nothing here now. */
  server.get('/readyz', async (_request, reply) => {
    const isReady = await ready();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'redis does not answer' });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
  );
  /** `{"campaigns":[…]}` as `passbridge status --json` prints it. */
  server.get('/api/campaigns', async () => ({ campaigns: await campaigns() }));
  server.get('/', async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(describe(await campaigns())),
  );

  addWebhookDoor(server, options);

  return { url: await server.listen({ host, port }), stop: () => server.close() };
}
