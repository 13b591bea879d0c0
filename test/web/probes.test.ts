import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { startProbeServer } from '../../src/web/probes.ts';

const healthy = {
  unreadiness: async () => undefined,
  isQuiet: () => false,
  health: async () => 'idle' as const,
  problem: () => undefined,
  metrics: async () => 'passbridge_build_info 1\n',
};
const host = '127.0.0.1';

async function occupyPort(): Promise<number> {
  const server = createServer().listen(0, host);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

it('gives each process of a machine its own port of the range', async () => {
  const first = await occupyPort();
  const ports = { first, last: Math.min(first + 200, 65_535) };
  const servers = await Promise.all([1, 2, 3].map(() => startProbeServer({ host, ports, ...healthy })));
  onTestFinished(async () => void (await Promise.all(servers.map(({ stop }) => stop()))));
  const found = servers.map(({ url }) => Number(new URL(url).port));
  expect(new Set([...found, first]).size).toBe(4);
  for (const port of found) expect(port).toBeLessThanOrEqual(ports.last);
  for (const { url } of servers) expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

it('names the whole range if every port of it is taken', async () => {
  const port = await occupyPort();
  await expect(
    startProbeServer({ host, ports: { first: port, last: port }, ...healthy }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE', address: host, port: String(port) });
});
