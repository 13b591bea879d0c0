/**
 * Live updates of pages as server-sent events. A part of a page is rendered once a second for all viewers with the same
 * role, and sent only if it has changed. One stream carries the parts of all windows of a browser, because a browser
 * opens only six connections to a host over HTTP/1.1.
 */

import type { ServerResponse } from 'node:http';
import type { Logger } from '../../kit/logger.ts';
import { type Periodic, startPeriodic } from '../../kit/periodic.ts';

/** A part of a page that one viewer sees. */
export interface Subscription {
  /** The same for all viewers who see the same. */
  key: string;
  render: () => Promise<string>;
}

export interface LiveUpdates {
  /**
   * Sends each part now and after each change, until the viewer disconnects, as an event named by its index. The event
   * `heartbeat` carries the index of a part that is unchanged.
   */
  subscribe(parts: readonly Subscription[], viewer: ServerResponse): void;
  /** Ends all streams. */
  close(): void;
}

const RENDER_EVERY_MS = 1000;
/** Without a change a heartbeat is sent this often, so that a browser notices a lost connection. */
const HEARTBEAT_MS = 2000;
/** Unread bytes after which a slow viewer is disconnected; its browser reconnects. */
const MAX_UNREAD_BYTES = 1024 * 1024;

interface Viewer {
  stream: ServerResponse;
  index: number;
}

interface LivePart {
  viewers: Set<Viewer>;
  /** HTML sent last. */
  html: string | undefined;
  sentAt: number;
  loop: Periodic | undefined;
}

export function makeLiveUpdates(log: Logger): LiveUpdates {
  const parts = new Map<string, LivePart>();

  const start = ({ key, render }: Subscription): LivePart => {
    const part: LivePart = { viewers: new Set(), html: undefined, sentAt: 0, loop: undefined };
    parts.set(key, part);
    part.loop = startPeriodic({
      name: 'live page',
      everyMs: RENDER_EVERY_MS,
      log,
      async work() {
        try {
          const html = await render();
          if (html !== part.html) send(part, { html });
          else if (performance.now() - part.sentAt >= HEARTBEAT_MS) send(part, 'heartbeat');
          part.html = html;
        } catch (error) {
          // Viewers get no heartbeat, so their browsers report that the page is out of date.
          // The query string is left out, because it may contain a customer's name.
          log.error({ event: 'page.render-failed', page: key.split('?', 1).join(), err: error });
        }
      },
    });
    return part;
  };

  return {
    subscribe(subscriptions, stream) {
      for (const [index, subscription] of subscriptions.entries()) {
        const { key } = subscription;
        const part = parts.get(key) ?? start(subscription);
        const viewer = { stream, index };
        part.viewers.add(viewer);
        stream.once('close', () => {
          part.viewers.delete(viewer);
          if (part.viewers.size > 0) return;
          void part.loop?.stop();
          if (parts.get(key) === part) parts.delete(key);
        });
        if (part.html !== undefined) send(part, { html: part.html }, [viewer]);
      }
    },
    close() {
      for (const { viewers, loop } of parts.values()) {
        void loop?.stop();
        for (const { stream } of viewers) stream.end();
      }
      parts.clear();
    },
  };
}

function send(
  part: LivePart,
  message: { html: string } | 'heartbeat',
  to: Iterable<Viewer> = part.viewers,
): void {
  part.sentAt = performance.now();
  const data = message === 'heartbeat' ? undefined : dataOf(message.html);
  for (const { stream, index } of to) {
    if (stream.writableLength > MAX_UNREAD_BYTES) stream.destroy();
    else if (data === undefined) stream.write(`event: heartbeat\ndata: ${index}\n\n`);
    else stream.write(`event: ${index}\n${data}\n\n`);
  }
}

/** A lone carriage return ends a line of an event stream, too (https://html.spec.whatwg.org/#parsing-an-event-stream). */
const LINE_END = /\r\n|\r|\n/;

/** Returns HTML as the fields of an event; each line needs a `data` field of its own. */
function dataOf(html: string): string {
  return html
    .split(LINE_END)
    .map((line) => `data: ${line}`)
    .join('\n');
}
