/** The HTTP server: probes and metrics, the webhook endpoints, and the dashboard with its API. */

import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { UserError } from '../kit/user-error.ts';
import { addApi } from './api/api.ts';
import { addAssets } from './assets.ts';
import { addSignIn, type SignInOptions } from './auth/sign-in.ts';
import { connectionLimits, makeStop } from './connections.ts';
import { addDashboard, type DashboardOptions } from './dashboard/dashboard.ts';
import { addForms } from './dashboard/form-fields.ts';
import { parseQueryString } from './query-string.ts';
import { addProbes, type ProbeOptions } from './probes.ts';
import { addRequestTimes, type RequestTimesOptions } from './request-times.ts';
import { addRedisGuard, type RedisGuardOptions } from './redis-guard.ts';
import { refuse } from './webhooks/answers.ts';
import { addWebhooks, canonicalUrl, type WebhooksOptions } from './webhooks/webhooks.ts';

interface PagesOptions extends DashboardOptions, RedisGuardOptions {
  signIn: SignInOptions;
}

interface WebOptions extends WebhooksOptions, ProbeOptions, RequestTimesOptions {
  host: string;
  port: number;
  /** File descriptor of a socket that listens at `host` and `port` already. */
  listenFd?: number | undefined;
  /** Addresses and subnets of proxies whose `X-Forwarded-For` is trusted (TRUST_PROXY). Default: none. */
  trustProxy?: readonly string[] | undefined;
  /** Absent: webhooks and probes only. */
  dashboard?: PagesOptions;
}

/** A route of the dashboard or its API, and the role it needs. */
export interface WebRoute {
  method: string;
  /** E.g. `/campaigns/:id`. */
  path: string;
  role: string;
}

export interface WebServer {
  /** E.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** All routes of the dashboard and its API. */
  readonly routes: readonly WebRoute[];
  /** The probes and the webhook endpoints, which have no roles. */
  readonly endpoints: readonly Omit<WebRoute, 'role'>[];
  /** Accepts no more connections, and waits for requests in progress; see `connections.ts` for the limits. */
  stop(): Promise<void>;
}

/**
 * What requests in progress get when the server stops. A sender that waits for the result of its job waits for less
 * than a second, and receives it if it arrives meanwhile.
 */
const STOP_WITHIN_MS = 2000;

const helmetOptions: FastifyHelmetOptions = {
  // Left to the proxy that terminates TLS.
  strictTransportSecurity: false,
  // `no-referrer` would also hide from us which page a form was sent from.
  referrerPolicy: { policy: 'same-origin' },
  contentSecurityPolicy: {
    directives: {
      upgradeInsecureRequests: null,
      // Nothing is loaded from other hosts.
      styleSrc: ["'self'"],
      fontSrc: ["'self'"],
    },
  },
};

/** Fastify's 10 s are too short for a machine that is so busy that it loads the dashboard for longer. */
const START_TIMEOUT_MS = 120_000;

/** Starts the server. Rejects if the address is in use, or if `listenFd` listens at another one. */
export async function startWebServer(options: WebOptions): Promise<WebServer> {
  const { host, port, listenFd, trustProxy = [], dashboard } = options;
  const server = Fastify({
    ...connectionLimits,
    pluginTimeout: START_TIMEOUT_MS,
    trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
    routerOptions: { querystringParser: parseQueryString },
    rewriteUrl: ({ url = '/' }) => canonicalUrl(url),
    // While stopping it answers normally: Bloomreach is not known to retry a 503.
    return503OnClosing: false,
    // Fastify answers a malformed URL with 400, which stops a whole Bloomreach campaign.
    frameworkErrors: (error, _request, reply) => void refuse(reply, 'INVALID_REQUEST', error.message),
  });
  const stop = makeStop(server, STOP_WITHIN_MS);
  addRequestTimes(server, options);
  const added: RouteOptions[] = [];
  const pageRoutes = new Set<RouteOptions>();
  server.addHook('onRoute', (route) => void added.push(route));
  void server.register(async (scope) => {
    await scope.register(helmet, helmetOptions);
    addProbes(scope, options);
    if (dashboard === undefined) return;
    void scope.register(async (pages) => {
      // Read once the server listens: nested scopes may set the role of all their routes in later hooks.
      pages.addHook('onRoute', (route) => void pageRoutes.add(route));
      await addPages(pages, dashboard);
    });
  });
  void addWebhooks(server, options);
  const socket = listenFd === undefined ? { host, port } : { host, port, fd: listenFd };
  const url = await server.listen(socket);
  if (listenFd !== undefined) await assertListensAt(server, { host, port });
  return {
    url,
    routes: [...pageRoutes].flatMap(describe),
    endpoints: added.filter((route) => !pageRoutes.has(route)).flatMap(describe),
    stop,
  };
}

/** A dashboard for this machine only must not become reachable from others by the address of a socket. */
async function assertListensAt(
  server: FastifyInstance,
  { host, port }: Pick<WebOptions, 'host' | 'port'>,
): Promise<void> {
  const at = server.server.address();
  const listens = typeof at === 'object' && at !== null ? `${at.address}:${at.port}` : String(at);
  if (listens === `${host}:${port}`) return;
  await server.close();
  throw new UserError(
    'INVALID_REQUEST',
    `The socket that systemd passed listens at ${listens}, and HOST and PORT name ${host}:${port}. Set them to the ListenStream= of passbridge-web.socket.`,
  );
}

/** Returns one entry per method of a route. */
function describe({ method, url, config }: RouteOptions): WebRoute[] {
  return [method].flat().map((one) => ({ method: one, path: url, role: String(config?.role) }));
}

/** Adds the dashboard and its API, behind sign-in, and their assets. */
async function addPages(pages: FastifyInstance, { signIn, ...options }: PagesOptions): Promise<void> {
  // Outside the guard and without a session: the page that says that Redis is away needs them as well.
  addAssets(pages);
  await pages.register(async (guarded) => {
    addRedisGuard(guarded, options);
    await addForms(guarded);
    await addSignIn(guarded, signIn);
    await addDashboard(guarded, options);
    await addApi(guarded, options);
  });
}
