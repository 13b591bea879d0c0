import { expect, it } from 'vitest';
import { makeRowFilter } from '../../src/campaign/row-filter.ts';
import type { CampaignAction } from '../../src/domain/campaigns/campaign-action.ts';
import { makeProgram } from '../support/make.ts';

/** Decides on a row of a campaign whose customer has this card id. */
function judge(action: CampaignAction, passId: string) {
  const filter = makeRowFilter({ id: 'run', action, program: makeProgram() }, { remember: false });
  const customer = { ids: { registered: 'c-1' }, attributes: { passmachine_pass_id: passId } };
  return filter.judge({ ok: true, number: 1, customer });
}

it.each(['p/../q', '%2e%2e', 'p\r\nx: y', 'p\ud800'])('rejects a change of the card %j', (passId) => {
  for (const action of ['update', 'notify'] as const) {
    expect(judge(action, passId)).toMatchObject({
      kind: 'reject',
      failure: { code: 'ROW_PASS_ID_INVALID', detail: expect.not.stringContaining(passId) },
    });
  }
});

it('makes a job of an ordinary card id, and of any if the card is replaced', () => {
  expect(judge('update', 'p-1')).toMatchObject({ kind: 'job' });
  expect(judge('reissue', 'p/../q')).toMatchObject({ kind: 'job', job: { replaces: true } });
});

it('takes dots alone for no card', () => {
  expect(judge('notify', '..')).toEqual({ kind: 'skip', reason: 'no-card' });
});

it('holds out only customers who would be sent to, and each of them once', () => {
  const guards = { holdout: { share: 0.999_999 } };
  const run = { id: 'run', action: 'notify' as const, program: makeProgram(), guards };
  const filter = makeRowFilter(run, { remember: true });
  const reasonOf = (number: number, attributes: Record<string, string>) =>
    filter.judge({ ok: true, number, customer: { ids: { registered: 'c-1' }, attributes } });
  expect(reasonOf(1, {})).toEqual({ kind: 'skip', reason: 'no-card' });
  expect(reasonOf(2, { passmachine_pass_id: 'p-1' })).toEqual({ kind: 'skip', reason: 'held-out' });
  expect(reasonOf(3, { passmachine_pass_id: 'p-1' })).toEqual({ kind: 'skip', reason: 'duplicate' });
});
