import { once } from 'node:events';
import { createServer } from 'node:net';

/** Returns a free port on 127.0.0.1 that is at most `max`. */
export async function freePort(max = 65_535): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    if (address.port <= max) return address.port;
  }
}
