/** How a page is added: its address, who may see it, what it is made of, and which part of it stays up to date. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import type { OperatorRole } from '../../domain/operators/operator.ts';
import { type Reader, renderPage } from './layout.tsx';
import type { Live } from './live.ts';

/** What a page is asked for: the names in its address, and what follows the question mark. */
export interface Asked {
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
}

export interface Page<Data> {
  /** E.g. `/campaigns/:id`. */
  path: string;
  /** Viewers may see it unless it says otherwise. */
  role?: OperatorRole;
  /** Undefined where there is no such thing: 404. */
  load(asked: Asked): Promise<Data | undefined>;
  title(data: Data): string;
  /** What stays up to date by itself; readers of one role share it. */
  live?(data: Data, reader: Reader): VNode;
  /** What is typed into or is the same for a while; below the live part. */
  fixed?(data: Data, reader: Reader): VNode;
}

/** Where pages are added. */
export interface DashboardScope {
  scope: FastifyInstance;
  /** IANA name of the time zone in which times are shown. */
  zone: string;
  addPage<Data>(page: Page<Data>): void;
}

interface Deps {
  live: Live;
  zone: string;
}

/** Makes the function that adds pages to a scope whose routes are guarded. */
export function makeAddPage(scope: FastifyInstance, { live, zone }: Deps) {
  return <Data,>(page: Page<Data>): void => {
    const { path, role = 'viewer' } = page;
    scope.get(path, { config: { role } }, async (request, reply) => {
      const data = await page.load(asked(request));
      if (data === undefined) return reply.callNotFound();
      const reader = readerOf(request, reply, zone);
      return sendHtml(reply, whole(page, data, reader, request.url));
    });
    const { live: part } = page;
    if (part === undefined) return;
    scope.get(livePath(path), { config: { role } }, async (request, reply) => {
      const { operator } = request;
      const wanted = asked(request);
      live.show(
        `${operator.role} ${request.url}`,
        async () => {
          const data = await page.load(wanted);
          return data === undefined ? render(<Gone />) : render(part(data, { operator, zone }));
        },
        openStream(request, reply),
      );
      return reply;
    });
  };
}

/** Sends a page. */
export function sendHtml(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}

/** `/live` follows the address, and before what may follow a question mark. */
function livePath(path: string): string {
  return path === '/' ? '/live' : `${path}/live`;
}

function whole<Data>(page: Page<Data>, data: Data, reader: Reader, url: string): string {
  const [path = '/', query] = url.split('?');
  const title = page.title(data);
  const source = `${livePath(path)}${query === undefined ? '' : `?${query}`}`;
  return renderPage({
    title,
    path,
    reader,
    children: (
      <>
        {page.live !== undefined && (
          <div id="live" {...{ 'hx-sse:connect': source, 'hx-swap': 'innerMorph' }}>
            {page.live(data, reader)}
          </div>
        )}
        {page.fixed?.(data, reader)}
      </>
    ),
  });
}

function Gone() {
  return (
    <p class="alert alert-warning" role="alert">
      What this page showed is gone. <a href="/">Back to the start</a>
    </p>
  );
}

function asked({ params, query }: FastifyRequest): Asked {
  return { params, query } as Asked;
}

/** Whoever gets a page of their own, as opposed to a part that many share. */
export function readerOf(
  { operator, isSignedIn }: FastifyRequest,
  reply: FastifyReply,
  zone: string,
): Reader {
  return { operator, isSignedIn, zone, csrfToken: reply.csrfToken() };
}

/** So often it is asked whether somebody who looks on may still do so. */
const STAY_MS = 5000;

function openStream(request: FastifyRequest, reply: FastifyReply) {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...reply.getHeaders(),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would hold the events back.
    'x-accel-buffering': 'no',
  } as Record<string, string>);
  const guard = setInterval(() => {
    request.mayStay().then(
      (mayStay) => void (mayStay || raw.end()),
      () => raw.end(),
    );
  }, STAY_MS);
  raw.once('close', () => clearInterval(guard));
  return raw;
}
