import { describe, expect, it } from 'vitest';
import { cardInExport } from '../../../src/domain/campaigns/reconcile.ts';

const customer = (attributes: Record<string, unknown>) => ({ ids: { registered: 'c-1' }, attributes });
const reissues = [
  { id: 'older', createdAt: 1_000_500 },
  { id: 'newer', createdAt: 2_000_500 },
];

describe('the card of a customer in an export', () => {
  it('is none without a card id', () => {
    expect(cardInExport(customer({ passmachine_pass_id: '' }), reissues)).toBeUndefined();
  });

  it.each([
    ['before every reissue', 999, undefined],
    ['in the second in which a reissue started', 1000, 'older'],
    ['between two reissues', 1999, 'older'],
    ['after the newest reissue', 3000, 'newer'],
    ['at an unknown time', undefined, undefined],
  ])('made %s', (_name, madeAt, campaign) => {
    const one = customer({ passmachine_pass_id: 'p', passmachine_pass_gendate: madeAt });
    expect(cardInExport(one, reissues)).toEqual(
      campaign === undefined ? { customer: one, passId: 'p' } : { customer: one, passId: 'p', campaign },
    );
  });
});
