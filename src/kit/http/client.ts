/**
 * HTTP calls over kept-alive connections. Every outcome is a value, and a call without a response says
 * whether any of its bytes may have reached the server: that decides whether it may be retried.
 */

import { Pool, type Dispatcher } from 'undici';
import { monotonicClock, systemClock } from '../clock.ts';
import { startTimeout } from '../deadline.ts';
import { redact } from './redact.ts';
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from './retry-after.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH';
  /** Path and query, relative to the path of the base URL. */
  path: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: string;
}

export interface HttpResponse {
  answered: true;
  status: number;
  text: string;
  /** From `Retry-After`; at most {@link HttpOptions.maxRetryAfterMs}. */
  retryAfterMs?: number;
  /** The server's clock from its `Date` header, ms since 1970, exact to one second. */
  dateMs?: number;
}

export interface HttpNoResponse {
  answered: false;
  /** Whether the request may have started to leave: only `false` proves that nothing happened. */
  sent: boolean;
  /** `stopping`: this process begins no more calls. */
  reason: 'timeout' | 'connection' | 'response-too-large' | 'stopping';
  detail: string;
}

export type HttpResult = HttpResponse | HttpNoResponse;

export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResult>;
  /** Waits for the calls in flight, then closes the connections. */
  close(): Promise<void>;
}

interface HttpOptions {
  baseUrl: string;
  /** Limits the whole call, from queueing to the last byte of the response. */
  timeoutMs: number;
  /** Redacted from response texts, as are the credentials of the `authorization` header. */
  secrets?: readonly string[];
  /** The longest wait that a `Retry-After` may ask for; by default an hour. */
  maxRetryAfterMs?: number;
  /** Once it aborts, no request leaves, not even one that waits for a connection. Calls in flight continue. */
  stopping?: AbortSignal;
}

const MAX_RESPONSE_BYTES = 1_000_000;

/** Opens a client for one base URL. Connections are opened on demand and carry one request at a time. */
export function makeHttpClient({
  baseUrl,
  timeoutMs,
  secrets = [],
  maxRetryAfterMs = MAX_RETRY_AFTER_MS,
  stopping,
}: HttpOptions): HttpClient {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  const pool = new Pool(origin, { pipelining: 1, connect: { timeout: timeoutMs } });

  return {
    send: ({ method, path, headers, body }) =>
      new Promise((resolve) => {
        if (stopping?.aborted === true) return resolve(notBegun);
        const exchange = makeExchange({ timeoutMs, maxRetryAfterMs, stopping }, (result) =>
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
            // One timer for the whole call replaces undici's two timeouts.
            headersTimeout: 0,
            bodyTimeout: 0,
          },
          exchange,
        );
      }),
    close: () => pool.close(),
  };
}

const notBegun: HttpNoResponse = {
  answered: false,
  sent: false,
  reason: 'stopping',
  detail: 'this process is stopping and begins no more calls',
};

interface ExchangeOptions {
  timeoutMs: number;
  maxRetryAfterMs: number;
  stopping: AbortSignal | undefined;
}

/** Follows one call through undici's events and resolves once, with the event that ends it first. */
function makeExchange(
  { timeoutMs, maxRetryAfterMs, stopping }: ExchangeOptions,
  resolve: (result: HttpResult) => void,
): Dispatcher.DispatchHandler {
  let controller: Dispatcher.DispatchController | undefined;
  let isFinished = false;
  let status = 0;
  let retryAfterMs: number | undefined;
  let dateMs: number | undefined;
  const chunks: Buffer[] = [];
  let size = 0;

  const finish = (result: HttpResult) => {
    if (isFinished) return;
    isFinished = true;
    clearTimer();
    resolve(result);
  };
  const giveUp = (why: HttpNoResponse['reason'], detail: string) => {
    finish({ answered: false, sent: controller !== undefined, reason: why, detail });
    controller?.abort(new Error(detail));
  };
  const deadline = monotonicClock() + timeoutMs;
  const clearTimer = startTimeout(timeoutMs, () => giveUp('timeout', `no response within ${timeoutMs} ms`));

  return {
    onRequestStart(started) {
      if (stopping?.aborted === true) finish(notBegun);
      // The call is reported as not sent, because it timed out in the queue, too: abort before a byte leaves.
      if (isFinished || monotonicClock() >= deadline) started.abort(new Error('given up before it was sent'));
      else controller = started;
    },
    onResponseStart(_controller, statusCode, headers) {
      status = statusCode;
      dateMs = parseDate(headers['date']);
      retryAfterMs = parseRetryAfter(headers['retry-after'], {
        nowMs: dateMs ?? systemClock(),
        maxMs: maxRetryAfterMs,
      });
    },
    onResponseData(_controller, chunk) {
      size += chunk.length;
      if (size > MAX_RESPONSE_BYTES)
        giveUp('response-too-large', `response over ${MAX_RESPONSE_BYTES} bytes`);
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

/** One-entry cache: all responses of a second have the same header. */
let lastDate = { header: '', ms: NaN };

function parseDate(header: string | string[] | undefined): number | undefined {
  const text = String(header);
  if (text !== lastDate.header) lastDate = { header: text, ms: Date.parse(text) };
  return Number.isNaN(lastDate.ms) ? undefined : lastDate.ms;
}
