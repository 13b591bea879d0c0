/**
 * Live updates of pages as server-sent events. A page is rendered once a second for all viewers with the
 * same URL and role, and sent only if it has changed.
 */

import type { ServerResponse } from 'node:http';
import type { Logger } from '../../kit/logger.ts';
import { type Periodic, startPeriodic } from '../../kit/periodic.ts';

export interface LiveUpdates {
  /** Sends what `render` returns, now and after each change, until the viewer disconnects. */
  subscribe(key: string, render: () => Promise<string>, viewer: ServerResponse): void;
  /** Ends all streams. */
  close(): void;
}

const RENDER_EVERY_MS = 1000;
/** Without a change a heartbeat is sent this often, so that a browser notices a lost connection. */
const HEARTBEAT_MS = 2000;
/** Unread bytes after which a slow viewer is disconnected; its browser reconnects. */
const MAX_UNREAD_BYTES = 1024 * 1024;

interface LivePage {
  viewers: Set<ServerResponse>;
  /** HTML sent last. */
  html: string | undefined;
  sentAt: number;
  loop: Periodic | undefined;
}

export function makeLiveUpdates(log: Logger): LiveUpdates {
  const pages = new Map<string, LivePage>();

  const start = (key: string, render: () => Promise<string>): LivePage => {
    const page: LivePage = { viewers: new Set(), html: undefined, sentAt: 0, loop: undefined };
    pages.set(key, page);
    page.loop = startPeriodic({
      name: 'live page',
      everyMs: RENDER_EVERY_MS,
      log,
      async work() {
        try {
          const html = await render();
          if (html !== page.html) send(page, eventOf(html));
          else if (performance.now() - page.sentAt >= HEARTBEAT_MS) send(page, HEARTBEAT);
          page.html = html;
        } catch (error) {
          // Viewers get no heartbeat, so their browsers report that the page is out of date.
          // The query string is left out, because it may contain a customer's name.
          log.error({ event: 'page.render-failed', page: key.split('?', 1).join(), err: error });
        }
      },
    });
    return page;
  };

  return {
    subscribe(key, render, viewer) {
      const known = pages.get(key);
      const page = known ?? start(key, render);
      page.viewers.add(viewer);
      viewer.once('close', () => {
        page.viewers.delete(viewer);
        if (page.viewers.size > 0) return;
        void page.loop?.stop();
        if (pages.get(key) === page) pages.delete(key);
      });
      if (page.html !== undefined) send(page, eventOf(page.html), [viewer]);
    },
    close() {
      for (const { viewers, loop } of pages.values()) {
        void loop?.stop();
        for (const viewer of viewers) viewer.end();
      }
      pages.clear();
    },
  };
}

function send(page: LivePage, event: string, to: Iterable<ServerResponse> = page.viewers): void {
  page.sentAt = performance.now();
  for (const viewer of to) {
    if (viewer.writableLength > MAX_UNREAD_BYTES) viewer.destroy();
    else viewer.write(event);
  }
}

const HEARTBEAT = 'event: heartbeat\ndata:\n\n';

/** A lone carriage return ends a line of an event stream, too (https://html.spec.whatwg.org/#parsing-an-event-stream). */
const LINE_END = /\r\n|\r|\n/;

/** Formats HTML as one event; each line needs its own `data` field. */
function eventOf(html: string): string {
  return `${html
    .split(LINE_END)
    .map((line) => `data: ${line}`)
    .join('\n')}\n\n`;
}
