/** Reads the event stream of some topics, and reconnects until it is closed. Runs in a page and in the shared worker. */

/** What a stream reports; `topic` is as it was asked for. */
export type LiveMessage =
  | { kind: 'update'; topic: string; html: string }
  /** The topic is unchanged. */
  | { kind: 'heartbeat'; topic: string }
  /** The server answered without a stream; the next attempt follows. */
  | { kind: 'refused'; status: number };

const FIRST_PAUSE_MS = 300;
const MAX_PAUSE_MS = 3000;
/** The server sends something for each topic at least every 2 s; a proxy may hold a dead connection open. */
const SILENCE_MS = 15_000;

/** Returns the function that closes the stream. */
export function openStream(topics: readonly string[], report: (message: LiveMessage) => void): () => void {
  const closed = new AbortController();
  const url = `/live?${new URLSearchParams({ topics: topics.join(' ') }).toString()}`;
  void keepReading(url, topics, report, closed.signal);
  return () => closed.abort();
}

async function keepReading(
  url: string,
  topics: readonly string[],
  report: (message: LiveMessage) => void,
  closed: AbortSignal,
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!closed.aborted) {
    try {
      const response = await fetch(url, { signal: closed, headers: { accept: 'text/event-stream' } });
      if (response.ok && response.body !== null) {
        pauseMs = FIRST_PAUSE_MS;
        await readEvents(response.body, topics, report);
      } else report({ kind: 'refused', status: response.status });
    } catch {
      // Closed, or the connection was lost: the loop decides which.
    }
    // So that the windows of all viewers do not come back in the same moment.
    await pause(pauseMs * (0.75 + Math.random() / 2), closed);
    pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
  }
}

async function readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  topics: readonly string[],
  report: (message: LiveMessage) => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = '';
  for (;;) {
    const { value, done } = await withinSilence(reader.read());
    if (done) return;
    const events = (unread + value).split('\n\n');
    unread = events.pop() ?? '';
    for (const event of events) {
      const message = parseEvent(event, topics);
      if (message !== undefined) report(message);
    }
  }
}

/** Parses an event as the server writes it: `event: <index or heartbeat>`, then the lines of its data. */
function parseEvent(text: string, topics: readonly string[]): LiveMessage | undefined {
  const [first = '', ...lines] = text.split('\n');
  const name = first.slice('event: '.length);
  const data = lines.map((line) => line.slice('data: '.length)).join('\n');
  const topic = topics[Number(name === 'heartbeat' ? data : name)];
  if (topic === undefined) return undefined;
  return name === 'heartbeat' ? { kind: 'heartbeat', topic } : { kind: 'update', topic, html: data };
}

function withinSilence<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('silence')), SILENCE_MS);
  });
  return Promise.race([work, silence]).finally(() => clearTimeout(timer));
}

function pause(ms: number, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    closed.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
