/**
 * HTTP calls whose responses may be of any length: the body is passed on chunk by chunk with
 * backpressure, so memory use stays flat. Every outcome of the network is a value.
 */

import { pipeline } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import type { HttpRequest } from './client.ts';
import { Connections } from './connections.ts';
import { codingOf, decodingStream } from './decode-body.ts';
import { noProxies, proxyFor, type ProxySettings } from './proxy.ts';
import { redact } from './redact.ts';
import { parseRetryAfter } from './retry-after.ts';
import { makeRoute } from './route.ts';

export interface DownloadRequest extends HttpRequest {
  /** Cancels the call at any stage. */
  signal?: AbortSignal | undefined;
  /** Receives each chunk of a 2xx body; the next chunk is read when it resolves. Its errors are rethrown. */
  onChunk: (chunk: Buffer) => Promise<void>;
}

export type DownloadResult =
  /** A 2xx body was read to its end. Without a length or chunked encoding, a cut connection looks the same. */
  | { kind: 'received'; hasLength: boolean }
  | Refusal
  | { kind: 'broken'; reason: 'stalled' | 'connection' | 'aborted'; detail: string };

/** Any other status, with the first 64 KB of its body. Redirects are not followed. */
interface Refusal {
  kind: 'refused';
  status: number;
  text: string;
  retryAfterMs?: number;
}

export interface Downloader {
  download(request: DownloadRequest): Promise<DownloadResult>;
  /** Waits for the calls in flight, then closes the connections. */
  close(): Promise<void>;
}

interface DownloaderOptions {
  baseUrl: string;
  /** Idle timeout: the longest wait for the first byte, and between two bytes. */
  stallMs: number;
  /** Redacted from the text of a refusal, as are the credentials of the `authorization` header. */
  secrets?: readonly string[];
  /** By default every call is direct. */
  proxies?: ProxySettings | undefined;
  clock: Clock;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Opens a client for one base URL. */
export function makeDownloader(options: DownloaderOptions): Downloader {
  const { baseUrl, stallMs, secrets = [], proxies = noProxies, clock } = options;
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  const connections = new Connections(makeRoute(origin, proxyFor(baseUrl, proxies), CONNECT_TIMEOUT_MS));

  return {
    async download({ method, path, headers, body, signal, onChunk }) {
      const idle = makeIdleTimer(stallMs);
      idle.start();
      const call = connections.request({
        method,
        path: prefix + path,
        // Uncompressed, so that a body that breaks off is noticed by its length. A gateway may compress it regardless.
        headers: { 'accept-encoding': 'identity', 'content-type': 'application/json', ...headers },
        body: body ?? null,
        signal: AbortSignal.any([idle.signal, ...(signal === undefined ? [] : [signal])]),
        // The idle timer replaces undici's two timeouts, which fire up to a second late.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      try {
        const response = await call.catch(throwConnectionError);
        const chunks = readBody(decoded(response), idle);
        if (response.statusCode > 299) {
          const refusal = await readRefusal(response, chunks, clock());
          return { ...refusal, text: redact(refusal.text, secrets, headers?.['authorization']) };
        }
        for await (const chunk of chunks) await onChunk(chunk);
        const { 'content-length': length, 'transfer-encoding': coding } = response.headers;
        return { kind: 'received', hasLength: length !== undefined || coding !== undefined };
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        const { message: detail } = error;
        if (signal?.aborted === true) return { kind: 'broken', reason: 'aborted', detail };
        if (!idle.signal.aborted) return { kind: 'broken', reason: 'connection', detail };
        return { kind: 'broken', reason: 'stalled', detail: `no byte within ${stallMs} ms` };
      } finally {
        idle.stop();
      }
    },
    close: () => connections.close(),
  };
}

/** Distinguishes errors of the connection from errors thrown by `onChunk`. */
class ConnectionError extends Error {
  override name = 'ConnectionError';
}

function throwConnectionError(error: unknown): never {
  if (!(error instanceof Error)) throw new ConnectionError(String(error));
  // If all addresses of a host refuse, only the code says so and the message is empty.
  const code = 'code' in error ? `${String(error.code)}: ` : '';
  throw new ConnectionError(`${code}${error.message}`, { cause: error });
}

/** Aborts its signal `stallMs` after `start`, unless `stop` is called first. */
function makeIdleTimer(stallMs: number) {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    start() {
      timer = setTimeout(() => controller.abort(), stallMs);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Returns the body without its content coding; an unknown coding breaks the download. */
function decoded({ body, headers }: Dispatcher.ResponseData): AsyncIterable<Buffer> {
  const coding = codingOf(headers['content-encoding']);
  if (coding === undefined) return body;
  const stream = decodingStream(coding);
  if (stream === undefined) {
    body.destroy();
    throw new ConnectionError(`the body has an unknown coding, ${coding}`);
  }
  // An error of either reaches the reader of the stream.
  pipeline(body, stream, () => {});
  return stream;
}

async function* readBody(
  body: AsyncIterable<Buffer>,
  idle: ReturnType<typeof makeIdleTimer>,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      // The timer measures the server, not the consumer of the chunk.
      idle.stop();
      yield chunk;
      idle.start();
    }
  } catch (error) {
    throwConnectionError(error);
  }
}

const MAX_REFUSAL_BYTES = 64 * 1024;

async function readRefusal(
  { statusCode: status, headers }: Dispatcher.ResponseData,
  chunks: AsyncIterable<Buffer>,
  now: number,
): Promise<Refusal> {
  let text = Buffer.alloc(0);
  for await (const chunk of chunks) {
    text = Buffer.concat([text, chunk]);
    if (text.length > MAX_REFUSAL_BYTES) break;
  }
  const retryAfterMs = parseRetryAfter(headers['retry-after'], { nowMs: now });
  return {
    kind: 'refused',
    status,
    text: text.toString('utf8', 0, MAX_REFUSAL_BYTES),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}
