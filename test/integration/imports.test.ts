/** Large campaigns write back by CSV imports. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

const ROWS = 1200;
const authorization = 'Bearer import-token';

async function openImports({ faults = [] as string[], importAuthorization = authorization } = {}) {
  const port = await freePort();
  const bridge = await startBridge({
    importAuthorization,
    faults,
    env: {
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      WEBHOOK_TOKEN: 'import-token',
      BLOOMREACH_IMPORT_ABOVE: '1000',
      BLOOMREACH_IMPORT_ID: 'passes-import',
    },
  });
  await bridge.passbridge.startWeb({ programs: bridge.programs, schedules: new Map() }, () => new Map());
  const count = (kind: 'batch' | 'import') => bridge.sandbox.witness.count(kind);
  return { ...bridge, port, count };
}

/** Of the system's choice; free for as long as nobody else asks. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

it('its results are fetched as a file, and only then count as saved', async () => {
  const { issue, find, sandbox, count } = await openImports();
  const { id } = await issue(goodCustomers(ROWS), 60_000);
  await eventually(
    async () => expect(await find(id)).toMatchObject({ done: ROWS, writeBacks: ROWS, writtenBack: ROWS }),
    30_000,
  );
  expect(sandbox.imports.ended).toEqual([ROWS]);
  expect([count('import'), count('batch')]).toEqual([1, 0]);
  for (const { customer = '', id: passId } of sandbox.passes.all()) {
    expect(sandbox.customers.properties(`registered:${customer}`)).toMatchObject({
      passmachine_pass_id: passId,
    });
  }
}, 100_000);

it('a small campaign goes home in batches', async () => {
  const { issue, find, count } = await openImports();
  const { id } = await issue(goodCustomers(30));
  await eventually(async () => expect(await find(id)).toMatchObject({ writtenBack: 30 }));
  expect(count('import')).toBe(0);
});

it('what Bloomreach does not want to import goes home in batches', async () => {
  const { issue, find, sandbox, count } = await openImports({ faults: ['import:404'] });
  const { id } = await issue(goodCustomers(ROWS), 60_000);
  await eventually(
    async () => expect(await find(id)).toMatchObject({ writeBacks: ROWS, writtenBack: ROWS }),
    30_000,
  );
  expect([count('import'), sandbox.imports.ended.length]).toEqual([1, 0]);
  expect(sandbox.customers.size).toBe(ROWS);
}, 100_000);

it('a file that was not read to its end is kept', async () => {
  const { begin, find, passbridge, port, sandbox } = await openImports({
    importAuthorization: 'Bearer wrong',
  });
  const id = await begin('issue', goodCustomers(ROWS));
  const { redis, prefix } = passbridge.stores;
  const importBatch = await eventually(async () => {
    const [found] = await redis.zrange(`${prefix}:import-batches`, 0, '-1');
    if (found === undefined) throw new Error('nothing was tied yet');
    return found;
  }, 30_000);
  await eventually(() => expect(sandbox.imports.ended).toEqual(['Error: the file was answered with 401']));
  const url = `http://127.0.0.1:${port}/imports/${importBatch}.csv`;
  const fetchIt = () => request(url, { headers: { authorization } });
  const tried = await request(url, { method: 'HEAD', headers: { authorization } });
  await tried.body.dump();
  expect(tried.statusCode).toBe(200);
  expect(await redis.exists(`${prefix}:import-batch:${importBatch}`)).toBe(1);

  const broken = await fetchIt();
  broken.body.destroy();
  expect(await redis.exists(`${prefix}:import-batch:${importBatch}`)).toBe(1);

  const whole = await (await fetchIt()).body.text();
  expect(whole.split('\n')[0]).toMatch(
    /^registered,passmachine_pass_id,passmachine_pass_link,passmachine_pass_gendate/,
  );
  expect(whole.trimEnd().split('\n')).toHaveLength(ROWS + 1);
  await eventually(async () => expect(await find(id)).toMatchObject({ writtenBack: ROWS }));
  expect((await fetchIt()).statusCode).toBe(404);
}, 100_000);
