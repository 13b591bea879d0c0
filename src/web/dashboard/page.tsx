/** Adds pages: each has a route, a role, its data, a live part that updates itself and a fixed part. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import type { OperatorRole } from '../../domain/operators/operator.ts';
import { UserError } from '../../kit/user-error.ts';
import { routes } from '../paths.ts';
import { renderPage, type Viewer } from './layout.tsx';
import { AttentionUpdate } from './navigation.tsx';
import type { LiveUpdates } from './live.ts';

/** Parameters of a page's route and of its query string. */
export interface PageParams {
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
}

export interface Page<Data> {
  /** E.g. `/campaigns/:id`. */
  route: string;
  /** Defaults to viewer. */
  role?: OperatorRole;
  /** Resolves with undefined if the object does not exist: 404. */
  load(params: PageParams): Promise<Data | undefined>;
  title(data: Data): string;
  /** The part that updates itself; viewers of one role share it. */
  live?(data: Data, viewer: Viewer): VNode;
  /** Forms and other parts that must not change while they are used; below the live part. */
  fixed?(data: Data, viewer: Viewer): VNode;
}

/** Passed to the modules that add pages. */
export interface DashboardScope {
  scope: FastifyInstance;
  /** IANA name of the time zone of all times. */
  zone: string;
  /** Resolves with the viewer of a page that is rendered for them alone. */
  viewerOf(request: FastifyRequest, reply: FastifyReply): Promise<Viewer>;
  addPage<Data>(page: Page<Data>): void;
}

interface Deps extends Pick<DashboardScope, 'zone' | 'viewerOf'> {
  live: LiveUpdates;
  /** Number of items that need a decision; undefined if it cannot be read. */
  countAttention(): Promise<number | undefined>;
}

/** Returns the function that adds pages to a guarded scope. */
export function makeAddPage(scope: FastifyInstance, { live, zone, viewerOf, countAttention }: Deps) {
  return <Data,>(page: Page<Data>): void => {
    const { route, role = 'viewer' } = page;
    scope.get(route, { config: { role } }, async (request, reply) => {
      const data = await page.load(paramsOf(request));
      if (data === undefined) return reply.callNotFound();
      return sendHtml(reply, renderWhole(page, data, await viewerOf(request, reply), request.url));
    });
    const { live: renderLive } = page;
    if (renderLive === undefined) return;
    // A HEAD request would subscribe to events that it never gets, and stay without an answer.
    scope.get(livePath(route), { config: { role }, exposeHeadRoute: false }, async (request, reply) => {
      const { operator } = request;
      const params = paramsOf(request);
      live.subscribe(
        `${operator.role} ${request.url}`,
        async () => {
          try {
            const data = await page.load(params);
            const content = data === undefined ? <Gone /> : renderLive(data, { operator, zone });
            return render(content) + render(<AttentionUpdate count={await countAttention()} />);
          } catch (error) {
            if (error instanceof UserError) return render(<Refused message={error.message} />);
            throw error;
          }
        },
        openStream(request, reply),
      );
      return reply;
    });
  };
}

/** Sends a page or a part of one. */
export function sendHtml(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}

/** Returns the function that finds the viewer of a page, with what the frame around it shows. */
export function makeViewerOf(
  zone: string,
  countAttention: Deps['countAttention'],
): DashboardScope['viewerOf'] {
  return async ({ operator, isSignedIn }, reply) => ({
    operator,
    isSignedIn,
    zone,
    csrfToken: reply.csrfToken(),
    attention: await countAttention(),
  });
}

/** Path of the events that update a page. */
function livePath(path: string): string {
  return path === routes.overview ? '/live' : `${path}/live`;
}

function renderWhole<Data>(page: Page<Data>, data: Data, viewer: Viewer, url: string): string {
  const [path = '/', query] = url.split('?');
  const events = `${livePath(path)}${query === undefined ? '' : `?${query}`}`;
  return renderPage({
    title: page.title(data),
    path,
    viewer,
    children: (
      <>
        {page.live !== undefined && (
          <div id="live" {...{ 'hx-sse:connect': events, 'hx-swap': 'innerMorph' }}>
            {page.live(data, viewer)}
          </div>
        )}
        {page.fixed?.(data, viewer)}
      </>
    ),
  });
}

function Gone() {
  return (
    <p class="alert alert-warning" role="alert">
      This item no longer exists. <a href={routes.overview}>Go to Overview</a>
    </p>
  );
}

function Refused({ message }: { message: string }) {
  return (
    <p class="alert alert-danger" role="alert">
      {message}
    </p>
  );
}

function paramsOf({ params, query }: FastifyRequest): PageParams {
  return { params, query } as PageParams;
}

/** How often an open stream checks that its viewer still has access. */
const ACCESS_CHECK_MS = 5000;

function openStream(request: FastifyRequest, reply: FastifyReply) {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...reply.getHeaders(),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Turns off nginx's buffering, which would delay events.
    'x-accel-buffering': 'no',
  } as Record<string, string>);
  // The page may take a while, or fail until Redis is back.
  raw.flushHeaders();
  let isChecking = false;
  const check = async () => {
    // While Redis hangs, the checks of all streams would pile up.
    if (isChecking) return;
    isChecking = true;
    const isAllowed = await request.isStillAllowed().catch(() => false);
    isChecking = false;
    if (!isAllowed) raw.end();
  };
  const guard = setInterval(() => void check(), ACCESS_CHECK_MS);
  raw.once('close', () => clearInterval(guard));
  return raw;
}
