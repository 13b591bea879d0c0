/** The shared worker of all windows of a browser: it reads one event stream for all of them. */

import { openStream } from './live-stream.js';

/** From a window: the topics that it shows, none if it is hidden or closed. It repeats them while it is open. */
export type FromWindow = readonly string[];

interface Window {
  port: MessagePort;
  topics: readonly string[];
  heardAt: number;
}

/** A window that has crashed says nothing. Browsers slow the timers of a window in the background to one a minute. */
const SILENT_MS = 5 * 60_000;
/** Windows that are opened at once share one reconnection. */
const SETTLE_MS = 50;

const windows = new Set<Window>();
let shown = '';
let close: (() => void) | undefined;
let settling: ReturnType<typeof setTimeout> | undefined;

function reopen(): void {
  for (const window of windows) if (Date.now() - window.heardAt > SILENT_MS) windows.delete(window);
  const topics = [...new Set([...windows].flatMap((window) => window.topics))].toSorted();
  if (topics.join('\n') === shown) return;
  shown = topics.join('\n');
  close?.();
  close =
    topics.length === 0
      ? undefined
      : openStream(topics, (message) => {
          for (const { port, topics: own } of windows) {
            if (message.kind === 'refused' || own.includes(message.topic)) port.postMessage(message);
          }
        });
}

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  const window: Window = { port, topics: [], heardAt: Date.now() };
  port.addEventListener('message', ({ data }: MessageEvent<FromWindow>) => {
    window.topics = data;
    window.heardAt = Date.now();
    if (data.length === 0) windows.delete(window);
    else windows.add(window);
    clearTimeout(settling);
    settling = setTimeout(reopen, SETTLE_MS);
  });
  port.start();
});
