import { UserError } from '../../../src/kit/user-error.ts';
import { describe, expect, it } from 'vitest';
import { audited } from '../../../src/services/operators/audit.ts';
import { makeAudit } from '../../../src/ledger/operators/audit.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { testAction } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const draft = {
  ...testAction,
  action: 'campaign.pause',
  target: 'run',
  after: { status: 'paused' },
} as const;

function open() {
  const audit = makeAudit(openRedis(), makeLedgerKeys(testPrefix()));
  return { audit, entries: async () => (await audit.page({ limit: 10 })).entries };
}

const failing = (error: Error) => async () => {
  throw error;
};

describe('an audited action', () => {
  it('has its entry written before it runs', async () => {
    const { audit, entries } = open();
    const seen = await audited({ audit }, draft, entries);
    expect(seen).toMatchObject([{ n: 1, ...draft }]);
    expect(await entries()).toHaveLength(1);
  });

  it('is voided with the reason if it is refused', async () => {
    const { audit, entries } = open();
    await expect(
      audited({ audit }, draft, failing(new UserError('INVALID_REQUEST', 'It has finished.'))),
    ).rejects.toThrow('It has finished.');
    const [voiding] = await entries();
    expect(voiding).toMatchObject({
      action: 'campaign.pause',
      target: 'run',
      reason: 'It has finished.',
      voids: 1,
    });
    expect(voiding?.after).toBeUndefined();
  });

  it('keeps its entry if it fails, because it may have taken effect', async () => {
    const { audit, entries } = open();
    await expect(audited({ audit }, draft, failing(new Error('Connection is closed.')))).rejects.toThrow(
      'Connection is closed.',
    );
    expect(await entries()).toMatchObject([{ n: 1 }]);
  });

  it('does not run if its entry cannot be written', async () => {
    let done = false;
    const audit = { ...open().audit, append: () => Promise.reject(new Error('OOM')) };
    const action = async () => {
      done = true;
    };
    await expect(audited({ audit }, draft, action)).rejects.toThrow('OOM');
    expect(done).toBe(false);
  });
});
