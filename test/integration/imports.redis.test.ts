/** Large campaigns are written back by CSV imports. */

import { request } from 'undici';
import { expect, it } from 'vitest';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';

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

it('lets Bloomreach fetch the results as a file, and counts them as written back only then', async () => {
  const { issue, find, sandbox, count } = await openImports();
  const { id } = await issue(goodCustomers(ROWS));
  await eventually(async () =>
    expect(await find(id)).toMatchObject({ done: ROWS, writeBacks: ROWS, writtenBack: ROWS }),
  );
  expect(sandbox.imports.ended).toEqual([ROWS]);
  expect([count('import'), count('batch')]).toEqual([1, 0]);
  for (const { customer = '', id: passId } of sandbox.passes.all()) {
    expect(sandbox.customers.properties(`registered:${customer}`)).toMatchObject({
      passmachine_pass_id: passId,
    });
  }
});

it('writes a small campaign back in batches', async () => {
  const { issue, find, count } = await openImports();
  const { id } = await issue(goodCustomers(30));
  await eventually(async () => expect(await find(id)).toMatchObject({ writtenBack: 30 }));
  expect(count('import')).toBe(0);
});

it('falls back to batches if Bloomreach rejects the import', async () => {
  const { issue, find, sandbox, count } = await openImports({ faults: ['import:404'] });
  const { id } = await issue(goodCustomers(ROWS));
  await eventually(async () => expect(await find(id)).toMatchObject({ writeBacks: ROWS, writtenBack: ROWS }));
  expect([count('import'), sandbox.imports.ended.length]).toEqual([1, 0]);
  expect(sandbox.customers.size).toBe(ROWS);
});

it('keeps a file that was not read to the end', async () => {
  const { start, find, passbridge, port, sandbox } = await openImports({
    importAuthorization: 'Bearer wrong',
  });
  const id = await start('issue', goodCustomers(ROWS));
  const { redis, prefix } = passbridge.stores;
  const keys = makeLedgerKeys(prefix);
  const importBatch = await eventually(async () => {
    const [found] = await redis.zrange(keys.importBatches, 0, '-1');
    if (found === undefined) throw new Error('no import batch is sealed yet');
    return found;
  });
  await eventually(() =>
    expect(sandbox.imports.ended).toEqual(['Error: fetching the file failed with status 401']),
  );
  const url = `http://127.0.0.1:${port}/imports/${importBatch}.csv`;
  const fetchFile = () => request(url, { headers: { authorization } });
  const head = await request(url, { method: 'HEAD', headers: { authorization } });
  await head.body.dump();
  expect(head.statusCode).toBe(200);
  expect(await redis.exists(keys.importBatch(importBatch))).toBe(1);

  const interrupted = await fetchFile();
  interrupted.body.destroy();
  expect(await redis.exists(keys.importBatch(importBatch))).toBe(1);

  const file = await (await fetchFile()).body.text();
  expect(file.split('\n')[0]).toMatch(
    /^registered,passmachine_pass_id,passmachine_pass_link,passmachine_pass_gendate/,
  );
  expect(file.trimEnd().split('\n')).toHaveLength(ROWS + 1);
  await eventually(async () => expect(await find(id)).toMatchObject({ writtenBack: ROWS }));
  expect((await fetchFile()).statusCode).toBe(404);
});
