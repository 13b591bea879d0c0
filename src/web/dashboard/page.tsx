/** Adds pages: each has a route, a role, its data, a live part that updates itself and a fixed part. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import type { Health } from '../../domain/monitoring/health.ts';
import type { OperatorRole } from '../../domain/operators/operator.ts';
import { UserError } from '../../kit/user-error.ts';
import { routes } from '../paths.ts';
import { renderPage, type Viewer } from './layout.tsx';
import { type LiveTopic, type PageParams, topicOf } from './live-topics.ts';

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
  /** Seconds after which a browser without JavaScript loads it again; undefined: never. */
  reloadAfter?(data: Data): number | undefined;
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
  /** Receives the live part of each page. */
  topics: Map<string, LiveTopic>;
}

/** Returns the function that adds pages to a guarded scope. */
export function makeAddPage(scope: FastifyInstance, { topics, zone, viewerOf }: Deps) {
  return <Data,>(page: Page<Data>): void => {
    const { route, role = 'viewer' } = page;
    scope.get(route, { config: { role } }, async (request, reply) => {
      const data = await page.load(paramsOf(request));
      if (data === undefined) return reply.callNotFound();
      return sendHtml(reply, renderWhole(page, data, await viewerOf(request, reply), request));
    });
    const { live: renderLive } = page;
    if (renderLive === undefined) return;
    topics.set(route, {
      role,
      async render(at, operator) {
        try {
          const data = await page.load(at);
          return data === undefined ? render(<Gone />) : render(renderLive(data, { operator, zone }));
        } catch (error) {
          if (error instanceof UserError) return render(<Refused message={error.message} />);
          throw error;
        }
      },
    });
  };
}

/** Sends a page or a part of one. */
export function sendHtml(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}

/** What the frame around every page shows. */
export interface Frame {
  health(): Promise<Health>;
  /** Number of items that need a decision; undefined if it cannot be read. */
  countAttention(): Promise<number | undefined>;
}

/** Returns the function that finds the viewer of a page, with what the frame around it shows. */
export function makeViewerOf(zone: string, frame: Frame): DashboardScope['viewerOf'] {
  return async ({ operator, isSignedIn }, reply) => ({
    operator,
    isSignedIn,
    zone,
    csrfToken: reply.csrfToken(),
    health: await frame.health(),
    attention: await frame.countAttention(),
  });
}

function renderWhole<Data>(page: Page<Data>, data: Data, viewer: Viewer, request: FastifyRequest): string {
  const [path = '/'] = request.url.split('?', 1);
  return renderPage({
    title: page.title(data),
    path,
    viewer,
    reloadAfter: page.reloadAfter?.(data),
    children: (
      <>
        {page.live !== undefined && (
          <div id="live" data-live={topicOf(page.route, paramsOf(request))}>
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
