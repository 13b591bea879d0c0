/**
 * Stands for systemd and passbridge-web.socket: listens on PORT, passes the socket to the program of its first argument,
 * and starts that again whenever it ends. Prints `started {pid}` each time.
 */

import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

const [main = ''] = process.argv.slice(2);
const script = 'echo "started $$"; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"';
const server = createServer();
server.listen(Number(process.env['PORT']), '127.0.0.1', () => {
  // Node documents no way to a server's file descriptor.
  const { fd } = /** @type {any} */ (server)['_handle'];
  /** @type {import('node:child_process').StdioOptions} */
  const stdio = ['ignore', 'inherit', 'inherit', fd];
  // The event loop never turns again, so this process accepts no connection itself.
  for (;;) spawnSync('sh', ['-c', script, process.execPath, main, 'up', '--role', 'web'], { stdio });
});
