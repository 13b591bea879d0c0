/** METRICS_PORT: a process that serves nothing else can be watched. */

import { request } from 'undici';
import { expect, it } from 'vitest';
import { makeWorkspace, printed } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { readSamples } from '../support/samples.ts';

it('a worker serves its metrics and probes alone on METRICS_PORT, and by default no port', async () => {
  const { start } = await makeWorkspace();
  const port = await freePort();
  const worker = start(['up', '--role', 'worker'], { METRICS_PORT: String(port) });
  const other = start(['up', '--role', 'worker']);
  await Promise.all([printed(worker, /up as worker/), printed(other, /up as worker/)]);
  const get = async (path: string) => {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}${path}`);
    return { statusCode, text: await body.text() };
  };

  await eventually(async () => {
    const seen = readSamples((await get('/metrics')).text);
    expect(seen.of('passbridge_redis_up')[0]?.value).toBe(1);
    expect(seen.sum('passbridge_processes', { role: 'worker' })).toBe(2);
  });
  expect((await get('/healthz')).statusCode).toBe(200);
  expect((await get('/readyz')).statusCode).toBe(200);
  for (const path of ['/', '/api/campaigns', '/webhooks/bloomreach/loyalty/create']) {
    expect([path, (await get(path)).statusCode]).toEqual([path, 404]);
  }
  expect(worker.stderr()).toContain(`${port}/metrics`);
  expect(other.stderr()).not.toContain('/metrics');
});

it('processes that share a range of ports are each watched on one of it', async () => {
  const { start } = await makeWorkspace();
  const first = await freePort();
  const range = `${first}-${Math.min(first + 200, 65_535)}`;
  const roles = ['worker', 'worker', 'feeder'];
  const running = roles.map((role) => start(['up', '--role', role], { METRICS_PORT: range }));
  const ports = await Promise.all(
    running.map(async (one) => {
      await printed(one, /is up/);
      return eventually(() => /"url":"http:\/\/127\.0\.0\.1:(\d+)\/metrics"/.exec(one.stderr())![1]!);
    }),
  );
  expect(new Set(ports).size).toBe(roles.length);
  for (const port of ports) {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/readyz`);
    expect([statusCode, await body.json()]).toEqual([200, { status: 'ready' }]);
  }
});
