/**
 * One HTTP call over kept-alive connections. Everything that can happen is a value, and a call
 * without an answer says whether any of it may have reached the other side: that decides whether
 * it may be repeated.
 */

import { Pool, type Dispatcher } from 'undici';
import { redact } from './redact.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH';
  /** Path and query, below the base URL's own path. */
  path: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: string;
}

export interface HttpAnswer {
  answered: true;
  status: number;
  text: string;
  /** From `Retry-After`, whether it named seconds or a date. */
  retryAfterMs?: number;
  /** The other side's clock, ms since 1970 and exact to a second; absent where it did not tell. */
  dateMs?: number;
}

export interface HttpSilence {
  answered: false;
  /** Whether the request had begun to leave: only `false` is proof that nothing happened. */
  sent: boolean;
  why: 'timeout' | 'connection' | 'answer-too-large';
  detail: string;
}

export type HttpResult = HttpAnswer | HttpSilence;

export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResult>;
  /** Waits for calls in flight, then closes the connections. */
  close(): Promise<void>;
}

interface HttpOptions {
  baseUrl: string;
  /** For the whole call, from queueing to the last byte of the answer. */
  timeoutMs: number;
  /** Cut out of answers, as is what the `authorization` header says. */
  secrets?: readonly string[];
}

const ANSWER_LIMIT_BYTES = 1_000_000;

/** Opens a client for one base URL. Connections are made on demand, one request at a time on each. */
export function makeHttpClient({ baseUrl, timeoutMs, secrets = [] }: HttpOptions): HttpClient {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  const pool = new Pool(origin, { pipelining: 1, connect: { timeout: timeoutMs } });

  return {
    send: ({ method, path, headers, body }) =>
      new Promise((resolve) => {
        const exchange = makeExchange(timeoutMs, (result) =>
          resolve(
            result.answered
              ? { ...result, text: redact(result.text, secrets, headers?.['authorization']) }
              : result,
          ),
        );
        const contentType = body === undefined ? {} : { 'content-type': 'application/json' };
        pool.dispatch(
          {
            method,
            path: prefix + path,
            headers: { accept: 'application/json', ...contentType, ...headers },
            body: body ?? null,
            // One timer for the whole call replaces undici's two.
            headersTimeout: 0,
            bodyTimeout: 0,
          },
          exchange,
        );
      }),
    close: () => pool.close(),
  };
}

/** Follows one call through undici's events and resolves once, with whatever ends it first. */
function makeExchange(timeoutMs: number, resolve: (result: HttpResult) => void): Dispatcher.DispatchHandler {
  let controller: Dispatcher.DispatchController | undefined;
  let over = false;
  let status = 0;
  let retryAfterMs: number | undefined;
  let dateMs: number | undefined;
  const chunks: Buffer[] = [];
  let size = 0;

  const finish = (result: HttpResult) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    resolve(result);
  };
  const giveUp = (why: HttpSilence['why'], detail: string) => {
    finish({ answered: false, sent: controller !== undefined, why, detail });
    controller?.abort(new Error(detail));
  };
  const timer = setTimeout(() => giveUp('timeout', `no answer within ${timeoutMs} ms`), timeoutMs);

  return {
    onRequestStart(started) {
      // Too late: abort before a byte leaves, since the caller was told that nothing was sent.
      if (over) started.abort(new Error('given up before it was sent'));
      else controller = started;
    },
    onResponseStart(_controller, statusCode, headers) {
      status = statusCode;
      retryAfterMs = parseRetryAfter(headers['retry-after'], Date.now());
      dateMs = parseDate(headers['date']);
    },
    onResponseData(_controller, chunk) {
      size += chunk.length;
      if (size > ANSWER_LIMIT_BYTES) giveUp('answer-too-large', `answer over ${ANSWER_LIMIT_BYTES} bytes`);
      else chunks.push(chunk);
    },
    onResponseEnd() {
      const text = Buffer.concat(chunks).toString('utf8');
      finish({
        answered: true,
        status,
        text,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        ...(dateMs !== undefined && { dateMs }),
      });
    },
    onResponseError(_controller, error) {
      giveUp('connection', 'code' in error ? `${String(error.code)}: ${error.message}` : error.message);
    },
  };
}

/** The same for a second and all of its answers. */
let lastDate = { header: '', ms: NaN };

function parseDate(header: string | string[] | undefined): number | undefined {
  const told = String(header);
  if (told !== lastDate.header) lastDate = { header: told, ms: Date.parse(told) };
  return Number.isNaN(lastDate.ms) ? undefined : lastDate.ms;
}

/** Milliseconds to wait by a `Retry-After` header (RFC 9110 §10.2.3); undefined where it cannot be read. */
export function parseRetryAfter(header: string | string[] | undefined, nowMs: number): number | undefined {
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, Math.ceil(ms));
}
