import { expect, it } from 'vitest';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeAudit } from '../../../src/ledger/operators/audit.ts';
import { makeRefusedSignIns } from '../../../src/services/operators/refused-sign-ins.ts';
import { eventually } from '../../support/eventually.ts';
import { silent } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

it('audits the first refused sign-ins of a minute, and the others as one entry', async () => {
  const audit = makeAudit(openRedis(), makeLedgerKeys(testPrefix()));
  const warnings: unknown[] = [];
  const log = Object.assign(Object.create(silent) as typeof silent, {
    warn: (fields: unknown) => void warnings.push(fields),
  });
  const { record, flush } = makeRefusedSignIns({ audit }, log);
  const entries = async () => (await audit.page({ limit: 100 })).entries;
  for (let n = 0; n < 150; n += 1) record({ by: 'admin', from: `10.0.0.${n}`, why: 'wrong' });
  for (let n = 0; n < 50; n += 1) record({ by: 'admin', from: '10.0.0.1', why: 'busy' });
  await eventually(async () => expect(await entries()).toHaveLength(20));
  expect((await entries()).at(-1)).toMatchObject({
    action: 'operator.refused',
    by: 'admin',
    target: '10.0.0.0',
  });
  await flush();
  expect((await entries())[0]).toMatchObject({
    action: 'operator.refused',
    target: 'several addresses',
    reason: '180 more within a minute',
  });
  await flush();
  expect(await entries()).toHaveLength(21);
  // 20, the first of the others, and their count.
  expect(warnings).toHaveLength(22);
  record({ by: 'eva', from: '10.0.0.9', why: 'wrong' });
  await eventually(async () => expect((await entries())[0]).toMatchObject({ by: 'eva' }));
});
