/** The HTTP server: probes and metrics for machines, the dashboard and its API for people, and the doors in. */

import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { addApi } from './api/api.ts';
import { addAssets } from './assets.ts';
import { addDashboard, type DashboardOptions } from './dashboard/dashboard.ts';
import { addForms } from './dashboard/forms.ts';
import { refuse } from './webhooks/answers.ts';
import { addWebhooks, type WebhooksOptions } from './webhooks/webhooks.ts';
import { addProbes, type ProbeOptions } from './probes.ts';
import { addRawQueues, type RawQueuesOptions } from './raw-queues.ts';
import { addSignIn, type SignInOptions } from './auth/sign-in.ts';

/** What people see and what programs of theirs ask. */
interface PagesOptions extends DashboardOptions, RawQueuesOptions {
  signIn: SignInOptions;
}

interface WebOptions extends WebhooksOptions, ProbeOptions {
  host: string;
  port: number;
  /** Absent where nobody looks: only the doors are open then. */
  dashboard?: PagesOptions;
}

/** A route of the dashboard or its API, and who may use it. */
export interface WebRoute {
  method: string;
  /** E.g. `/campaigns/:id`. */
  path: string;
  role: string;
}

export interface WebServer {
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Every route that pages and API have. */
  readonly routes: readonly WebRoute[];
  /** Takes no more, and answers what it has taken. */
  stop(): Promise<void>;
}

/** A request that has not come in by then is given up with 408: nobody holds a connection by sending slowly. */
const REQUEST_MS = 15_000;
/** The same for a connection on which nothing moves, e.g. where nobody reads the answer. */
const SILENCE_MS = 30_000;

/** What browsers are told; whoever puts TLS in front of this server decides about it. */
const helmetOptions: FastifyHelmetOptions = {
  strictTransportSecurity: false,
  // Without any, a browser would not tell either which page a form was sent from.
  referrerPolicy: { policy: 'same-origin' },
  contentSecurityPolicy: {
    directives: {
      upgradeInsecureRequests: null,
      // Nothing is loaded from elsewhere, whatever a part of ours might like to.
      styleSrc: ["'self'", "'unsafe-inline'"],
      fontSrc: ["'self'", 'data:'],
    },
  },
};

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
    frameworkErrors: (error, _request, reply) => void refuse(reply, 'INVALID_REQUEST', error.message),
  });
  const { dashboard } = options;
  const routes: RouteOptions[] = [];
  void server.register(async (scope) => {
    await scope.register(helmet, helmetOptions);
    addProbes(scope, options);
    if (dashboard === undefined) return;
    void scope.register(async (pages) => {
      // Looked at last: scopes within this one may still say who may use all their routes.
      pages.addHook('onRoute', (route) => void routes.push(route));
      await addPages(pages, dashboard);
    });
  });
  void addWebhooks(server, options);
  return {
    url: await server.listen({ host, port }),
    routes: routes.flatMap(describe),
    stop: () => server.close(),
  };
}

/** One for each of its methods. */
function describe({ method, url, config }: RouteOptions): WebRoute[] {
  return [method].flat().map((one) => ({ method: one, path: url, role: String(config?.role) }));
}

/** What people see and what programs of theirs ask: for whoever has signed in. */
async function addPages(pages: FastifyInstance, { signIn, ...options }: PagesOptions): Promise<void> {
  addForms(pages);
  await addSignIn(pages, signIn);
  await addAssets(pages);
  await addDashboard(pages, options);
  await addApi(pages, options);
  await addRawQueues(pages, options);
}
