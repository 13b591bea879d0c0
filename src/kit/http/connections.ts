/**
 * The kept-alive connections to one origin, each with one call at a time. A server may close an idle connection at the
 * moment in which a call leaves on it, and then nothing tells whether the server processed the call. So a connection is
 * used again only within a part of the time for which this origin is known to keep idle connections open: the time it
 * promises (`Keep-Alive: timeout=`), or the time for which one of its connections was seen to stay open. Until either
 * is known, every call opens a connection of its own.
 */

import { Client, DecoratorHandler, Dispatcher } from 'undici';
import { type MonotonicClock, monotonicClock } from '../clock.ts';
import type { Route } from './route.ts';

interface Connection {
  client: Client;
  /** A socket is open and no call is on it. */
  isIdle: boolean;
  /** Monotonic time (ms) at which the latest call on this socket ended; undefined before the first. */
  idleSince: number | undefined;
}

/** A promised timeout counts up to this share, because the server measures it by its own clock. */
const PROMISE_SHARE = 0.5;
const PROMISE_MARGIN_MS = 1000;
/** An observed time counts up to this share: the next connection may be closed earlier than the observed one. */
const OBSERVED_SHARE = 0.25;
/** An idle connection that was open for less proves nothing. */
const MIN_OBSERVED_MS = 1000;
/** Idle connections are closed after this time at the latest. */
const MAX_IDLE_MS = 30_000;
/** Idle connections that are too old for a call are kept open to observe how long the server keeps them. */
const MAX_OBSERVED = 2;

/** Opens connections on demand. */
export class Connections extends Dispatcher {
  readonly #connections = new Set<Connection>();
  readonly #route: Route;
  readonly #now: MonotonicClock;
  /** For how long the origin promised, or was seen, to keep idle connections open, ms. */
  #promisedMs: number | undefined;
  #observedMs = 0;
  /** The origin closed a connection earlier than it promised. */
  #breaksPromise = false;
  #isClosed = false;

  constructor(route: Route, now: MonotonicClock = monotonicClock) {
    super();
    this.#route = route;
    this.#now = now;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const connection = this.#isClosed ? this.#openClosed() : this.#acquire();
    const isReused = connection.isIdle;
    connection.isIdle = false;
    const { pathPrefix, headers } = this.#route;
    return connection.client.dispatch(
      {
        ...options,
        path: pathPrefix + options.path,
        headers: { ...(options.headers as Record<string, string>), ...headers },
      },
      this.#track(connection, isReused, modernized(handler)),
    );
  }

  /** Waits for the calls in flight. */
  override async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#connections].map(({ client }) => client.close()));
  }

  #acquire(): Connection {
    const now = this.#now();
    const idle = [...this.#connections]
      .filter(({ isIdle }) => isIdle)
      .toSorted((a, b) => (b.idleSince ?? 0) - (a.idleSince ?? 0));
    const age = ({ idleSince = now }: Connection) => now - idleSince;
    this.#observe(Math.max(0, ...idle.map(age)));
    const [latest] = idle;
    if (latest !== undefined && age(latest) <= this.#reuseWithinMs()) return latest;
    for (const connection of idle.slice(0, -MAX_OBSERVED)) this.#discard(connection);
    return this.#open();
  }

  /** How long a connection may have been idle to be used again. */
  #reuseWithinMs(): number {
    if (this.#promisedMs !== undefined && !this.#breaksPromise) return this.#promisedMs * PROMISE_SHARE;
    return this.#observedMs * OBSERVED_SHARE;
  }

  #observe(idleMs: number): void {
    if (idleMs >= MIN_OBSERVED_MS) this.#observedMs = Math.max(this.#observedMs, idleMs);
  }

  #open(): Connection {
    const { origin, connect } = this.#route;
    const client = new Client(origin, {
      connect,
      pipelining: 1,
      keepAliveTimeout: MAX_IDLE_MS,
      keepAliveMaxTimeout: MAX_IDLE_MS,
      // A connection is closed this long before the promised time.
      keepAliveTimeoutThreshold: PROMISE_MARGIN_MS,
    });
    const connection: Connection = { client, isIdle: false, idleSince: undefined };
    client.on('disconnect', (_origin, _targets, error) => {
      // UND_ERR_INFO: closed on our side.
      if (connection.isIdle && error.code !== 'UND_ERR_INFO') this.#closedByServer(connection);
      if (connection.isIdle) this.#discard(connection);
    });
    this.#connections.add(connection);
    return connection;
  }

  /** Refuses every call with the error of a closed client. */
  #openClosed(): Connection {
    const connection = this.#open();
    void connection.client.close();
    return connection;
  }

  #closedByServer({ idleSince = this.#now() }: Connection): void {
    const idleMs = this.#now() - idleSince;
    if (idleMs < (this.#promisedMs ?? 0) * PROMISE_SHARE) this.#breaksPromise = true;
    if (idleMs < this.#observedMs) this.#observedMs = idleMs < MIN_OBSERVED_MS ? 0 : idleMs;
  }

  #discard(connection: Connection): void {
    connection.isIdle = false;
    this.#connections.delete(connection);
    void connection.client.destroy().catch(() => {});
  }

  /** Returns the connection to the idle ones after an answer; after an error, or if the server closes it, discards it. */
  #track(
    connection: Connection,
    isReused: boolean,
    handler: Dispatcher.DispatchHandler,
  ): Dispatcher.DispatchHandler {
    let isPersistent = true;
    let isAnswered = false;
    return {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, { ...context, isReused }),
      onRequestUpgrade: (...upgrade) => handler.onRequestUpgrade?.(...upgrade),
      onResponseStart: (controller, status, headers, message) => {
        isAnswered = true;
        isPersistent = !/\bclose\b/i.test(String(headers['connection'] ?? ''));
        this.#promisedMs = promisedMs(headers['keep-alive']);
        handler.onResponseStart?.(controller, status, headers, message);
      },
      onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
      onResponseEnd: (controller, trailers) => {
        if (isPersistent && !this.#isClosed) {
          connection.isIdle = true;
          connection.idleSince = this.#now();
        } else this.#release(connection);
        handler.onResponseEnd?.(controller, trailers);
      },
      onResponseError: (controller, error) => {
        if (isReused && !isAnswered && 'code' in error && isServersDoing(error.code))
          this.#closedByServer(connection);
        this.#release(connection);
        handler.onResponseError?.(controller, error);
      },
    };
  }

  #release(connection: Connection): void {
    if (!this.#isClosed) this.#discard(connection);
  }
}

/** Whether the server ended the connection, rather than this process. */
function isServersDoing(code: unknown): boolean {
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

/** Returns the timeout of a `Keep-Alive` header in ms; undefined if it has none. */
function promisedMs(header: string | string[] | undefined): number | undefined {
  const seconds = /timeout=(\d{1,6})/i.exec(String(header ?? ''))?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Adapts the handler of undici's own `request`, which has the methods of its previous major version. */
function modernized(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  return handler.onRequestStart === undefined ? new DecoratorHandler(handler) : handler;
}
