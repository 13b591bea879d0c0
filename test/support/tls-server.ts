/** A TLS server with a self-signed certificate for `localhost`, in front of a plain server if there is one. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

/** Returns the port, and the path of the certificate for NODE_EXTRA_CA_CERTS. `port`: that of the plain server. */
export async function startTlsServer({ port: target }: { port?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-tls-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost';
  await promisify(execFile)('openssl', [
    ...request.split(' '),
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ]);
  const [key, cert] = await Promise.all([readFile(keyFile), readFile(certFile)]);
  const server = createServer({ key, cert }, (socket) => {
    socket.on('error', () => {});
    if (target === undefined) return;
    const plain = connect(target, '127.0.0.1');
    plain.on('error', () => socket.destroy());
    socket.on('close', () => plain.destroy());
    socket.pipe(plain).pipe(socket);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, certFile };
}
