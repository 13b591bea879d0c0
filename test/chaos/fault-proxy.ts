/**
 * A TCP proxy between one process and one of its dependencies. It forwards all traffic until the trigger's bytes
 * pass; then it freezes, so that the process can be killed at exactly that point.
 */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Address of the dependency: a Unix socket, or a port on 127.0.0.1. */
type Target = { path: string } | { port: number };

/** What to wait for among the bytes that the process sends. */
export interface Trigger {
  /** ASCII. A match that is split over two packets is not seen; the next one is. */
  bytes: string;
  /** `before`: the dependency never receives the bytes. `after`: it does, but its response is dropped. */
  when: 'before' | 'after';
  /** Number of matches to ignore first. */
  skip: number;
}

export interface FaultProxy {
  readonly port: number;
  /** Resolves when the trigger has matched. From then on the proxy forwards nothing until `reopen`. */
  waitFor(trigger: Trigger): Promise<void>;
  /** Cancels `waitFor`. */
  disarm(): void;
  /** Closes all connections and accepts new ones. */
  reopen(): void;
  /** Reopens the proxy if a trigger has frozen it. */
  unfreeze(): void;
  /** Closes all connections and refuses new ones until `reopen`. */
  cut(): void;
  close(): Promise<void>;
}

/** How long the dependency gets to process the request whose response is dropped. */
const PROCESSING_MS = 20;

export async function openFaultProxy(target: Target): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let state: 'open' | 'frozen' | 'cut' = 'open';
  let armed: (Trigger & { seen: number; reached: () => void }) | undefined;

  const closeConnections = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };

  const reopen = () => {
    closeConnections();
    state = 'open';
  };

  /** Counts matches in the chunk; returns true once more than `skip` were seen. */
  const triggers = (chunk: Buffer): boolean => {
    if (armed === undefined) return false;
    for (let at = chunk.indexOf(armed.bytes); at >= 0; at = chunk.indexOf(armed.bytes, at + 1)) {
      armed.seen += 1;
    }
    return armed.seen > armed.skip;
  };

  const forward = (chunk: Buffer, server: Socket) => {
    if (state !== 'open') return;
    if (armed === undefined || !triggers(chunk)) return void server.write(chunk);
    const { when, reached } = armed;
    armed = undefined;
    state = 'frozen';
    if (when === 'before') return reached();
    server.write(chunk);
    setTimeout(reached, PROCESSING_MS);
  };

  const listener = createServer((client) => {
    if (state === 'cut') return void client.destroy();
    const server = connect(target);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay();
      // `close` follows every error and does the cleanup.
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => forward(chunk, server));
    server.on('data', (chunk) => {
      if (state === 'open') client.write(chunk);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');

  return {
    port: address.port,
    waitFor: (trigger) =>
      new Promise((resolve) => {
        armed = { ...trigger, seen: 0, reached: resolve };
      }),
    disarm() {
      armed = undefined;
    },
    reopen,
    unfreeze() {
      if (state === 'frozen') reopen();
    },
    cut() {
      state = 'cut';
      closeConnections();
    },
    async close() {
      const closed = once(listener, 'close');
      listener.close();
      closeConnections();
      await closed;
    },
  };
}
