/** Failures that are discarded with a reason. */

import { describe, expect, it } from 'vitest';
import { findBulkAction, startBulkAction } from '../../../src/services/failures/bulk-actions.ts';
import { failure } from '../../../src/domain/failures/failure.ts';
import { makeRowResults } from '../../../src/ledger/jobs/row-results.ts';
import { openBulkActionFixture, ordinary, refused } from '../../support/bulk-action-fixture.ts';

describe('a discarded failure', () => {
  it('leaves the list of failures, and its row result says who discarded it and why', async () => {
    const { plant, campaigns, campaignSwitch, stores, work, queued, redis, keys } =
      await openBulkActionFixture();
    const ragged = failure('ROW_RAGGED', 'line 3');
    await plant('a', 3, (row) => (row === 1 ? failure('PM_UNKNOWN_RESET', 'reset') : refused));
    await campaigns.accept('a', 4, [{ row: 4, end: { state: 'rejected', failure: ragged } }], 0);
    const before = await campaigns.find('a');
    const discard = { kind: 'discard', filter: { unknown: false } } as const;
    await expect(startBulkAction(stores, discard, { ...ordinary, reason: ' ' })).rejects.toThrow(
      'needs a reason',
    );
    const { id } = await startBulkAction(stores, discard, { ...ordinary, reason: 'left the club' });
    await work(id);
    expect(await findBulkAction(stores, id)).toMatchObject({
      status: 'ended',
      total: 4,
      done: 3,
      excluded: { unknown: 1 },
    });
    expect(queued).toEqual([]);
    expect(await campaigns.find('a')).toEqual(before);
    expect(await campaigns.failures('a')).toMatchObject([{ code: 'PM_UNKNOWN_RESET', count: 1 }]);

    const rowResults = await makeRowResults(redis, keys).open(before!);
    const why = { by: 'eva', reason: 'left the club', at: expect.any(Number) };
    expect([...(await rowResults(1, 4))].toSorted(([a], [b]) => a - b)).toEqual([
      [1, { state: 'unknown', failure: failure('PM_UNKNOWN_RESET', 'reset'), attempts: 1 }],
      [2, { state: 'rejected', failure: refused, attempts: 1, discard: why }],
      [3, { state: 'rejected', failure: refused, attempts: 1, discard: why }],
      [4, { state: 'rejected', failure: ragged, discard: why }],
    ]);

    await redis.hdel(keys.campaign('a'), 'fed');
    await campaignSwitch.halt('a', 'paused', { kind: 'operator', reason: '', by: 'eva', at: 0 });
    const asked = { kind: 'discard', filter: { unknown: true } } as const;
    const rest = await startBulkAction(stores, asked, { ...ordinary, reason: 'looked up: no card' });
    await work(rest.id);
    expect(await campaigns.failures('a')).toEqual([]);
  });
});
