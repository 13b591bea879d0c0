/** Updates the live parts of this page: the elements with `data-live`, which names their topic. */

import type { FromWindow } from './live-worker.js';
import { type LiveMessage, openStream } from './live-stream.js';

declare const htmx: { swap(context: object): Promise<void> };

/** Repeated so that the worker knows that this window is open. */
const REPEAT_MS = 60_000;

/** Starts to show and stops to show topics, as the window is shown and hidden. */
interface Source {
  show(topics: FromWindow): void;
}

/** One stream for all windows if the browser has shared workers, else one for each window that is shown. */
function openSource(report: (message: LiveMessage) => void): Source {
  if (typeof SharedWorker === 'undefined') {
    let close: (() => void) | undefined;
    return {
      show(topics) {
        close?.();
        close = topics.length === 0 ? undefined : openStream(topics, report);
      },
    };
  }
  const { port } = new SharedWorker(new URL('./live-worker.js', import.meta.url), {
    type: 'module',
    name: 'live',
  });
  port.addEventListener('message', ({ data }: MessageEvent<LiveMessage>) => report(data));
  port.start();
  return { show: (topics) => port.postMessage(topics) };
}

async function update(element: HTMLElement, html: string): Promise<void> {
  await htmx.swap({ sourceElement: element, target: element, swap: 'innerMorph', text: html });
  element.dispatchEvent(new Event('live:updated'));
}

/** Events: `live:updated` and `live:heartbeat` at the element, `live:refused` with the HTTP status at the document. */
export function startLiveUpdates(): void {
  const elements = [...document.querySelectorAll<HTMLElement>('[data-live]')];
  if (elements.length === 0) return;
  const topics = [...new Set(elements.map(({ dataset }) => dataset['live'] ?? ''))];

  const source = openSource((message) => {
    if (message.kind === 'refused') {
      document.dispatchEvent(new CustomEvent('live:refused', { detail: message.status }));
      return;
    }
    for (const element of elements) {
      if (element.dataset['live'] !== message.topic) continue;
      if (message.kind === 'update') void update(element, message.html);
      else element.dispatchEvent(new Event('live:heartbeat'));
    }
  });

  const show = () => source.show(document.hidden ? [] : topics);
  show();
  document.addEventListener('visibilitychange', show);
  // A page that comes back from the cache of the browser has to be subscribed again.
  addEventListener('pageshow', ({ persisted }) => persisted && show());
  addEventListener('pagehide', () => source.show([]));
  setInterval(show, REPEAT_MS);
}
