import { UserError } from '../../../src/kit/user-error.ts';
import { describe, expect, it } from 'vitest';
import { recorded } from '../../../src/services/operators/audit.ts';
import { makeAudit } from '../../../src/ledger/operators/audit.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { testAction } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const draft = { ...testAction, act: 'campaign.pause', on: 'run', after: { status: 'paused' } } as const;

function open() {
  const audit = makeAudit(openRedis(), makeLedgerKeys(testPrefix()));
  return { audit, entries: async () => (await audit.page({ limit: 10 })).entries };
}

const failing = (error: Error) => async () => {
  throw error;
};

describe('an act', () => {
  it('is written down before it is done', async () => {
    const { audit, entries } = open();
    const seen = await recorded({ audit }, draft, entries);
    expect(seen).toMatchObject([{ n: 1, ...draft }]);
    expect(await entries()).toHaveLength(1);
  });

  it('that is refused is voided with the reason', async () => {
    const { audit, entries } = open();
    await expect(
      recorded({ audit }, draft, failing(new UserError('INVALID_REQUEST', 'It has finished.'))),
    ).rejects.toThrow('It has finished.');
    const [voiding] = await entries();
    expect(voiding).toMatchObject({ act: 'campaign.pause', on: 'run', reason: 'It has finished.', voids: 1 });
    expect(voiding?.after).toBeUndefined();
  });

  it('that fails in the middle stays written down: it may have taken effect', async () => {
    const { audit, entries } = open();
    await expect(recorded({ audit }, draft, failing(new Error('Connection is closed.')))).rejects.toThrow(
      'Connection is closed.',
    );
    expect(await entries()).toMatchObject([{ n: 1 }]);
  });

  it('that cannot be written down is not done', async () => {
    let done = false;
    const audit = { ...open().audit, append: () => Promise.reject(new Error('OOM')) };
    const act = async () => {
      done = true;
    };
    await expect(recorded({ audit }, draft, act)).rejects.toThrow('OOM');
    expect(done).toBe(false);
  });
});
