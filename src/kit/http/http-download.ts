/**
 * One HTTP call whose answer may be of any length: it is handed on piece by piece, and the other
 * side waits while a piece is being taken, so that memory stays flat. What can happen is a value.
 */

import { type Dispatcher, Pool } from 'undici';
import type { Clock } from '../clock.ts';
import { type HttpRequest, parseRetryAfter } from './http.ts';
import { redact } from './redact.ts';

export interface DownloadRequest extends HttpRequest {
  /** Gives the call up, wherever it is. */
  signal?: AbortSignal | undefined;
  /** Takes a piece of a 2xx answer; the next one is read once it is done. What it throws is thrown on. */
  take: (piece: Buffer) => Promise<void>;
}

export type DownloadResult =
  /** Every byte of a 2xx was taken. `measured`: HTTP told where it ends; if not, a broken connection looks alike. */
  | { kind: 'received'; measured: boolean }
  | Refusal
  | { kind: 'broken'; why: 'stalled' | 'connection' | 'aborted'; detail: string };

/** Any other status, with the first 64 KB of its text. Redirects are not followed. */
interface Refusal {
  kind: 'refused';
  status: number;
  text: string;
  retryAfterMs?: number;
}

export interface Downloader {
  download(request: DownloadRequest): Promise<DownloadResult>;
  /** Waits for calls in flight, then closes the connections. */
  close(): Promise<void>;
}

interface DownloaderOptions {
  baseUrl: string;
  /** The longest silence, before the first byte as well as between two. */
  stallMs: number;
  /** Cut out of what an answer says that is no 2xx, as is what the `authorization` header says. */
  secrets?: readonly string[];
  clock: Clock;
}

/** Opens a client for one base URL. */
export function makeDownloader({ baseUrl, stallMs, secrets = [], clock }: DownloaderOptions): Downloader {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  const pool = new Pool(origin, { pipelining: 1 });

  return {
    async download({ method, path, headers, body, signal, take }) {
      const silence = makeSilence(stallMs);
      silence.begin();
      const call = pool.request({
        method,
        path: prefix + path,
        // Not packed: what is checked and stored is what came.
        headers: { 'accept-encoding': 'identity', 'content-type': 'application/json', ...headers },
        body: body ?? null,
        signal: AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]),
        // The timer of silence replaces undici's two, which are late by up to a second.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      try {
        const answer = await call.catch(breakOff);
        const pieces = watched(answer.body, silence);
        if (answer.statusCode > 299) {
          const refused = await refusal(answer, pieces, clock());
          return { ...refused, text: redact(refused.text, secrets, headers?.['authorization']) };
        }
        for await (const piece of pieces) await take(piece);
        const { 'content-length': length, 'transfer-encoding': coding } = answer.headers;
        return { kind: 'received', measured: length !== undefined || coding !== undefined };
      } catch (error) {
        if (!(error instanceof BrokenOff)) throw error;
        const { message: detail } = error;
        if (signal?.aborted === true) return { kind: 'broken', why: 'aborted', detail };
        if (!silence.signal.aborted) return { kind: 'broken', why: 'connection', detail };
        return { kind: 'broken', why: 'stalled', detail: `no byte within ${stallMs} ms` };
      } finally {
        silence.end();
      }
    },
    close: () => pool.close(),
  };
}

/** Tells what the connection did apart from what `take` throws. */
class BrokenOff extends Error {
  override name = 'BrokenOff';
}

function breakOff(error: unknown): never {
  if (!(error instanceof Error)) throw new BrokenOff(String(error));
  // A refused connection to several addresses has its words in the code alone.
  const code = 'code' in error ? `${String(error.code)}: ` : '';
  throw new BrokenOff(`${code}${error.message}`, { cause: error });
}

/** Aborts its signal once a silence has lasted so long. */
function makeSilence(stallMs: number) {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    begin() {
      timer = setTimeout(() => controller.abort(), stallMs);
    },
    end: () => clearTimeout(timer),
  };
}

async function* watched(
  body: AsyncIterable<Buffer>,
  silence: ReturnType<typeof makeSilence>,
): AsyncGenerator<Buffer> {
  try {
    for await (const piece of body) {
      // While a piece is being taken it is we who are slow.
      silence.end();
      yield piece;
      silence.begin();
    }
  } catch (error) {
    breakOff(error);
  }
}

const REFUSAL_LIMIT_BYTES = 64 * 1024;

async function refusal(
  { statusCode: status, headers }: Dispatcher.ResponseData,
  pieces: AsyncIterable<Buffer>,
  now: number,
): Promise<Refusal> {
  let text = Buffer.alloc(0);
  for await (const piece of pieces) {
    text = Buffer.concat([text, piece]);
    if (text.length > REFUSAL_LIMIT_BYTES) break;
  }
  const retryAfterMs = parseRetryAfter(headers['retry-after'], now);
  return {
    kind: 'refused',
    status,
    text: text.toString('utf8', 0, REFUSAL_LIMIT_BYTES),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}
