import { expect, it } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeCampaignSwitch } from '../../../src/ledger/campaigns/campaign-switch.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeRowResults } from '../../../src/ledger/jobs/row-results.ts';
import { makeQueued, makeOrder } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

it('reads the results of rows that are not done, in any part of the source', async () => {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const campaigns = makeCampaignLedger(redis, keys);
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: 60_000, clock: Date.now });
  await campaigns.create(makeOrder());
  const ragged = failure('ROW_RAGGED', 'line 3');
  await campaigns.accept('run', 40, [{ row: 2, end: { state: 'rejected', failure: ragged } }], 0);
  const refused = { failure: failure('PM_REFUSED', 'no'), attempts: 3, at: 0 };
  await jobs.settle(makeQueued(9), { state: 'rejected', ...refused });
  await jobs.settle(makeQueued(8), { state: 'done', card: { passId: 'p', issuedAt: 1 } });
  await jobs.settle(makeQueued(17), { state: 'skipped', reason: 'too-late' });

  const read = async (from: number, to: number) => {
    const campaign = await campaigns.find('run');
    if (campaign === undefined) throw new Error('campaign not found');
    const rowResultsOf = await makeRowResults(redis, keys).open(campaign);
    return [...(await rowResultsOf(from, to))].toSorted(([a], [b]) => a - b);
  };
  expect(await read(1, 3)).toEqual([
    [1, { state: 'pending' }],
    [2, { state: 'rejected', failure: ragged }],
    [3, { state: 'pending' }],
  ]);
  expect(await read(8, 9)).toEqual([[9, { state: 'rejected', failure: refused.failure, attempts: 3 }]]);
  expect(await read(17, 17)).toEqual([[17, { state: 'skipped', reason: 'too-late' }]]);
  // None of these rows has ended, although others have failed.
  expect(await read(30, 31)).toEqual([
    [30, { state: 'pending' }],
    [31, { state: 'pending' }],
  ]);
  await makeCampaignSwitch(redis, keys).halt('run', 'stopped', {
    kind: 'operator',
    reason: '',
    by: 'x',
    at: 0,
  });
  expect(await read(30, 30)).toEqual([[30, { state: 'stopped' }]]);
});
