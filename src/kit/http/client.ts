/**
 * HTTP calls over kept-alive connections. Every outcome is a value, and a call without a response says
 * whether any of its bytes may have reached the server: that decides whether it may be retried.
 */

import type { Dispatcher } from 'undici';
import { monotonicClock, systemClock } from '../clock.ts';
import { startTimeout } from '../deadline.ts';
import { Connections } from './connections.ts';
import { codingOf, decodeBody } from './decode-body.ts';
import { noProxies, proxyFor, type ProxySettings } from './proxy.ts';
import { redact } from './redact.ts';
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from './retry-after.ts';
import { makeRoute } from './route.ts';

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
  /** Decompressed. If a response other than a 2xx broke off, as far as it arrived. */
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

export interface HttpOptions {
  baseUrl: string;
  /** Limits the whole call, from queueing to the last byte of the response. */
  timeoutMs: number;
  /** Redacted from response texts, as are the credentials of the `authorization` header. */
  secrets?: readonly string[];
  /** The longest wait that a `Retry-After` may ask for; by default an hour. */
  maxRetryAfterMs?: number;
  /** Once it aborts, no request leaves, not even one that waits for a connection. Calls in flight continue. */
  stopping?: AbortSignal;
  /** By default every call is direct. */
  proxies?: ProxySettings | undefined;
}

const MAX_RESPONSE_BYTES = 1_000_000;

/** Opens a client for one base URL. Connections are opened on demand and carry one request at a time. */
export function makeHttpClient({
  baseUrl,
  timeoutMs,
  secrets = [],
  maxRetryAfterMs = MAX_RETRY_AFTER_MS,
  stopping,
  proxies = noProxies,
}: HttpOptions): HttpClient {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  const connections = new Connections(makeRoute(origin, proxyFor(baseUrl, proxies), timeoutMs));

  /** Returns the text as decoded, or why it could not be. */
  const readResponse = async (
    response: RawResponse,
    authorization: string | undefined,
  ): Promise<HttpResult> => {
    const { status, headers, body } = response;
    const coding = codingOf(headers['content-encoding']);
    const decoded = await decodeBody(body, coding, MAX_RESPONSE_BYTES);
    if (!decoded.ok && decoded.reason === 'too-large') return tooLarge();
    const dateMs = parseDate(headers['date']);
    const retryAfterMs = parseRetryAfter(headers['retry-after'], {
      nowMs: dateMs ?? systemClock(),
      maxMs: maxRetryAfterMs,
    });
    const text = decoded.ok ? decoded.text : `the body cannot be decoded as ${coding}`;
    return {
      answered: true,
      status,
      text: redact(text, secrets, authorization),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(dateMs !== undefined && { dateMs }),
    };
  };

  return {
    async send({ method, path, headers, body }) {
      if (stopping?.aborted === true) return notBegun;
      const contentType = body === undefined ? {} : { 'content-type': 'application/json' };
      const options: Dispatcher.DispatchOptions = {
        method,
        path: prefix + path,
        headers: { accept: 'application/json', ...contentType, ...headers },
        body: body ?? null,
        // One timer for the whole call replaces undici's two timeouts.
        headersTimeout: 0,
        bodyTimeout: 0,
      };
      const result = await new Promise<RawResponse | HttpNoResponse>((resolve) => {
        const exchange = makeExchange({
          timeoutMs,
          stopping,
          // A GET and a PATCH may be repeated if the server closed an idle connection as the call left.
          repeat: method === 'POST' ? undefined : () => connections.dispatch(options, exchange),
          resolve,
        });
        connections.dispatch(options, exchange);
      });
      return 'answered' in result ? result : readResponse(result, headers?.['authorization']);
    },
    close: () => connections.close(),
  };
}

const notBegun: HttpNoResponse = {
  answered: false,
  sent: false,
  reason: 'stopping',
  detail: 'this process is stopping and begins no more calls',
};

interface RawResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

interface ExchangeOptions {
  timeoutMs: number;
  stopping: AbortSignal | undefined;
  /** Sends the call again; undefined if it must not be sent twice. */
  repeat: (() => void) | undefined;
  resolve: (result: RawResponse | HttpNoResponse) => void;
}

/** Follows one call through undici's events and resolves once, with the event that ends it first. */
function makeExchange({ timeoutMs, stopping, repeat, resolve }: ExchangeOptions): Dispatcher.DispatchHandler {
  let controller: Dispatcher.DispatchController | undefined;
  let isFinished = false;
  let isReused = false;
  let isRepeated = false;
  let response: Omit<RawResponse, 'body'> | undefined;
  const chunks: Buffer[] = [];
  let size = 0;

  const finish = (result: RawResponse | HttpNoResponse) => {
    if (isFinished) return;
    isFinished = true;
    clearTimer();
    resolve(result);
  };
  const giveUp = (failed: Pick<HttpNoResponse, 'reason' | 'detail'>) => {
    // The status says what the server did with the call, even if the text about it broke off.
    if (response !== undefined && response.status >= 300)
      finish({ ...response, body: Buffer.concat(chunks) });
    else finish({ answered: false, sent: controller !== undefined, ...failed });
    controller?.abort(new Error(failed.detail));
  };
  const deadline = monotonicClock() + timeoutMs;
  const clearTimer = startTimeout(timeoutMs, () =>
    giveUp({ reason: 'timeout', detail: `no response within ${timeoutMs} ms` }),
  );

  return {
    onRequestStart(started, context: { isReused: boolean }) {
      if (stopping?.aborted === true && controller === undefined) finish(notBegun);
      // The call is reported as not sent, because it timed out in the queue, too: abort before a byte leaves.
      if (isFinished || monotonicClock() >= deadline) started.abort(new Error('given up before it was sent'));
      else {
        controller = started;
        ({ isReused } = context);
      }
    },
    onResponseStart(_controller, status, headers) {
      response = { status, headers };
    },
    onResponseData(_controller, chunk) {
      size += chunk.length;
      if (size > MAX_RESPONSE_BYTES) giveUp(tooLarge());
      else chunks.push(chunk);
    },
    onResponseEnd() {
      if (response !== undefined) finish({ ...response, body: Buffer.concat(chunks) });
    },
    onResponseError(_controller, error) {
      const mayRepeat = isReused && !isRepeated && !isFinished && response === undefined;
      if (mayRepeat && repeat !== undefined) {
        isRepeated = true;
        return repeat();
      }
      const detail = 'code' in error ? `${String(error.code)}: ${error.message}` : error.message;
      giveUp({ reason: 'connection', detail });
    },
  };
}

function tooLarge(): HttpNoResponse {
  const detail = `response over ${MAX_RESPONSE_BYTES} bytes`;
  return { answered: false, sent: true, reason: 'response-too-large', detail };
}

/** One-entry cache: all responses of a second have the same header. */
let lastDate = { header: '', ms: NaN };

function parseDate(header: string | string[] | undefined): number | undefined {
  const text = String(header);
  if (text !== lastDate.header) lastDate = { header: text, ms: Date.parse(text) };
  return Number.isNaN(lastDate.ms) ? undefined : lastDate.ms;
}
