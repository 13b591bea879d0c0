/** A server that answers as a Redis does while it loads its data: `INFO` is answered, other commands are refused. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** Starts the server; `finish` ends the loading, `infos` counts the calls of `INFO` during it. */
export async function startLoadingRedis() {
  let isLoading = true;
  let infos = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      // The commands are short, so each arrives whole: `*1 $4 info`.
      for (const command of String(bytes).split(/(?=^\*\d)/m)) {
        socket.write(answer(command.split('\r\n')[2]?.toUpperCase() ?? ''));
      }
    });
  });
  const answer = (name: string): string => {
    if (name === 'INFO') {
      infos += isLoading ? 1 : 0;
      const text = `redis_version:7.0.0\r\nloading:${isLoading ? 1 : 0}\r\nloading_eta_seconds:1\r\n`;
      return `$${text.length}\r\n${text}\r\n`;
    }
    if (name === 'HELLO') return '%1\r\n$5\r\nproto\r\n:3\r\n';
    if (isLoading) return '-LOADING Redis is loading the dataset in memory\r\n';
    return name === 'PING' ? '+PONG\r\n' : '+OK\r\n';
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { port, infos: () => infos, finish: () => void (isLoading = false) };
}
