/**
 * A TCP proxy between one process and one of its neighbours. It passes everything on until the
 * bytes that it waits for come by: then it is the moment of the crash, and nothing passes any more.
 */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Where the neighbour is: a unix socket, or a port on 127.0.0.1. */
type Target = { path: string } | { port: number };

/** What to wait for among the bytes that the process sends. */
export interface Trigger {
  /** ASCII; what is cut in two by a packet's end is not seen, and comes by again. */
  bytes: string;
  /** `before`: the neighbour never gets it. `after`: it does, and its answer never gets back. */
  when: 'before' | 'after';
  /** How many times to let it pass first. */
  skip: number;
}

export interface Tap {
  readonly port: number;
  /** Resolves when the trigger has come by; from then on nothing passes until `reopen`. */
  await(trigger: Trigger): Promise<void>;
  /** Stops waiting. */
  disarm(): void;
  /** Breaks every connection; new ones pass again. */
  reopen(): void;
  /** The same, if nothing passes at the moment. */
  release(): void;
  /** Breaks every connection and refuses new ones until `reopen`. */
  cut(): void;
  close(): Promise<void>;
}

/** How long the neighbour gets for an answer that nobody will see. */
const ANSWER_MS = 20;

export async function openTap(target: Target): Promise<Tap> {
  const sockets = new Set<Socket>();
  let state: 'open' | 'holding' | 'cut' = 'open';
  let waiting: (Trigger & { seen: number; reached: () => void }) | undefined;

  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };

  const reopen = () => {
    breakAll();
    state = 'open';
  };

  /** Whether the bytes are what was waited for, for the last time. */
  const strikes = (chunk: Buffer): boolean => {
    if (waiting === undefined) return false;
    for (let at = chunk.indexOf(waiting.bytes); at >= 0; at = chunk.indexOf(waiting.bytes, at + 1)) {
      waiting.seen += 1;
    }
    return waiting.seen > waiting.skip;
  };

  const outbound = (chunk: Buffer, neighbour: Socket) => {
    if (state !== 'open') return;
    if (waiting === undefined || !strikes(chunk)) return void neighbour.write(chunk);
    const { when, reached } = waiting;
    waiting = undefined;
    state = 'holding';
    if (when === 'before') return reached();
    neighbour.write(chunk);
    setTimeout(reached, ANSWER_MS);
  };

  const server = createServer((client) => {
    if (state === 'cut') return void client.destroy();
    const neighbour = connect(target);
    for (const [socket, other] of [
      [client, neighbour],
      [neighbour, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay();
      // What matters is that the connection is gone, and `close` says so.
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => outbound(chunk, neighbour));
    neighbour.on('data', (chunk) => {
      if (state === 'open') client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');

  return {
    port: address.port,
    await: (trigger) =>
      new Promise((resolve) => {
        waiting = { ...trigger, seen: 0, reached: resolve };
      }),
    disarm() {
      waiting = undefined;
    },
    reopen,
    release() {
      if (state === 'holding') reopen();
    },
    cut() {
      state = 'cut';
      breakAll();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      breakAll();
      await closed;
    },
  };
}
