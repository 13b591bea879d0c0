/** A proxy to a server on loopback that can stall or drop connections after some bytes of its responses. */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FaultyLine {
  port: number;
  /** Stalls after this many bytes; the connections stay open. */
  holdAfter(bytes: number): void;
  /** Drops the connections after this many bytes. */
  cutAfter(bytes: number): void;
  /** Ends the fault and passes on the stalled bytes. */
  reset(): void;
  close(): Promise<void>;
}

export async function openFaultyLine(serverPort: number): Promise<FaultyLine> {
  const sockets = new Set<Socket>();
  let fault: 'none' | 'hold' | 'cut' = 'none';
  let left = Infinity;

  const line = createServer((near) => {
    const far = connect(serverPort, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        (socket === near ? far : near).destroy();
      });
    }
    near.pipe(far);
    far.on('data', (bytes) => {
      left -= bytes.length;
      if (left >= 0) {
        near.write(bytes);
      } else if (fault === 'cut') {
        near.destroy();
      } else {
        far.pause();
        far.unshift(bytes);
      }
    });
  });
  await new Promise<void>((resolve) => {
    line.listen(0, '127.0.0.1', resolve);
  });

  return {
    port: (line.address() as AddressInfo).port,
    holdAfter(bytes) {
      [fault, left] = ['hold', bytes];
    },
    cutAfter(bytes) {
      [fault, left] = ['cut', bytes];
    },
    reset() {
      [fault, left] = ['none', Infinity];
      sockets.forEach((socket) => socket.resume());
    },
    async close() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise<void>((resolve) => {
        line.close(() => resolve());
      });
    },
  };
}
