/** A managed failover behind one address: open connections stay with the old master, which refuses every write. */

import { request } from 'undici';
import { expect, it } from 'vitest';
import { campaignIdIn, makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startServer } from '../support/redis-servers.ts';
import { startSwitchingProxy } from '../support/switching-proxy.ts';

const ROWS = 400;
/** A busy machine is slower than the five seconds that an idle one needs. */
const CALLS_WITHIN_MS = 30_000;

it('reaches the new master without help, is not ready until then, and stays quiet', async ({ annotate }) => {
  const oldMaster = await startServer();
  const newMaster = await startServer({
    replicaof: `127.0.0.1 ${oldMaster.port}`,
    'repl-diskless-sync-delay': '0',
  });
  await eventually(async () => expect(await oldMaster.redis.info('replication')).toContain('state=online'));
  const proxy = await startSwitchingProxy(oldMaster.port);
  const { start, run, write, sandbox, env } = await makeWorkspace({ latencyMs: 100 });
  const port = await freePort();
  Object.assign(env, { REDIS_URL: `redis://127.0.0.1:${proxy.port}`, PORT: String(port) });
  await write('export.csv', goodCustomers(ROWS));
  const id = campaignIdIn((await run(['issue', 'loyalty', 'export.csv', '--detach'])).stdout);
  const up = start(['up']);
  await printed(up, /http/);
  const readiness = async () => {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/readyz`);
    return { statusCode, text: await body.text() };
  };
  await eventually(() => expect(sandbox.witness.count('create')).toBeGreaterThan(50));
  expect(await readiness()).toMatchObject({ statusCode: 200 });
  const linesBefore = up.stderr().split('\n').length;
  const jobLines = () =>
    up
      .stderr()
      .split('\n')
      .slice(linesBefore)
      .filter((line) => !/"event":"(jobs|write-back.batch)"/.test(line));

  // The failover begins: the address leads to a replica for a while.
  await oldMaster.redis.call('REPLICAOF', '127.0.0.1', newMaster.port);
  await eventually(async () => expect(await readiness()).toMatchObject({ statusCode: 503 }));
  const creates = sandbox.witness.count('create');
  // It ends.
  await newMaster.redis.call('REPLICAOF', 'NO', 'ONE');
  proxy.switchTo(newMaster.port);
  const switchedAt = sandbox.witness.now();
  await eventually(
    () => expect(sandbox.witness.count('create')).toBeGreaterThan(creates + 20),
    CALLS_WITHIN_MS,
  );
  const first = sandbox.witness.entries().find(({ kind, at }) => kind === 'create' && at > switchedAt);
  await eventually(async () => expect(await readiness()).toMatchObject({ statusCode: 200 }));
  const lines = jobLines().filter((line) => line !== '');
  await annotate(
    `calls again after ${Math.round((first?.at ?? 0) - switchedAt)} ms; ${lines.length} log lines`,
  );

  await eventually(async () => {
    const { campaigns } = JSON.parse((await run(['status', id, '--json'])).stdout) as { campaigns: object[] };
    expect(campaigns).toEqual([
      expect.objectContaining({ status: 'finished', rows: ROWS, done: ROWS, unknown: 0, pending: 0 }),
    ]);
  });
  expect(sandbox.witness.doubles()).toEqual([]);
  expect(lines.length, lines.join('\n')).toBeLessThanOrEqual(20);
});
