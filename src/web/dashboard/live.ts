/**
 * Pages that change while they are looked at. What is shown is made once a second for all who look
 * at the same page with the same rights, and sent to them where it has changed.
 */

import type { ServerResponse } from 'node:http';
import type { Logger } from '../../kit/logger.ts';

export interface Live {
  /** Sends what `render` makes, now and whenever it changes, as server-sent events until the reader leaves. */
  show(key: string, render: () => Promise<string>, reader: ServerResponse): void;
  /** Sends everybody away. */
  close(): void;
}

const EVERY_MS = 1000;
/** Without news readers are told that there is none, so that they know a lost connection from a calm day. */
const HEARTBEAT_MS = 2000;
/** Unread bytes at which a reader is given up: it comes back by itself. */
const MOST_UNREAD = 1024 * 1024;

interface Showing {
  readers: Set<ServerResponse>;
  timer: NodeJS.Timeout | undefined;
  shown: string | undefined;
  toldAt: number;
}

export function makeLive(log: Logger): Live {
  const showings = new Map<string, Showing>();

  const tell = (showing: Showing, text: string, to: Iterable<ServerResponse> = showing.readers) => {
    showing.toldAt = performance.now();
    for (const reader of to) {
      if (reader.writableLength > MOST_UNREAD) reader.destroy();
      else reader.write(text);
    }
  };

  const run = async (key: string, showing: Showing, render: () => Promise<string>) => {
    const startedAt = performance.now();
    try {
      const html = await render();
      if (html !== showing.shown) tell(showing, eventOf(html));
      else if (startedAt - showing.toldAt >= HEARTBEAT_MS) tell(showing, 'event: beat\ndata:\n\n');
      showing.shown = html;
    } catch (error) {
      // Readers hear nothing, and so say that what they show is old.
      // What was asked for may be a person's name.
      log.error({ event: 'page.not-shown', page: key.replace(/\?.*$/, ''), err: error });
    }
    if (showing.readers.size === 0) return;
    const pause = Math.max(EVERY_MS - (performance.now() - startedAt), EVERY_MS / 10);
    showing.timer = setTimeout(() => void run(key, showing, render), pause);
  };

  return {
    show(key, render, reader) {
      const known = showings.get(key);
      const showing = known ?? { readers: new Set(), timer: undefined, shown: undefined, toldAt: 0 };
      showing.readers.add(reader);
      reader.once('close', () => {
        showing.readers.delete(reader);
        if (showing.readers.size > 0) return;
        clearTimeout(showing.timer);
        if (showings.get(key) === showing) showings.delete(key);
      });
      if (known === undefined) {
        showings.set(key, showing);
        void run(key, showing, render);
      } else if (showing.shown !== undefined) tell(showing, eventOf(showing.shown), [reader]);
    },
    close() {
      for (const { readers, timer } of showings.values()) {
        clearTimeout(timer);
        for (const reader of readers) reader.end();
      }
      showings.clear();
    },
  };
}

/** An event's data may not hold a line break, so each line is a field of its own. */
function eventOf(html: string): string {
  return `${html
    .split('\n')
    .map((line) => `data: ${line}`)
    .join('\n')}\n\n`;
}
