import { describe, expect, it } from 'vitest';
import type { BulkAction } from '../../../src/domain/failures/bulk-action.ts';
import { excludedFor, masked, bulkActionFor } from '../../../src/web/dashboard/failures/masking.ts';

const viewer = { name: 'v', role: 'viewer' } as const;
const operator = { name: 'o', role: 'operator' } as const;

describe('a viewer', () => {
  it('sees the structure of a body but not its values', () => {
    const body = { name: 'Žofie', tel: 420777123456, tags: ['vip', null, true], more: { at: '' } };
    expect(masked(body)).toEqual({ name: 'Ž…', tel: '…', tags: ['v…', null, true], more: { at: '' } });
  });

  it('sees neither values typed for a customer nor details that quote one', () => {
    const bulkAction = {
      id: 'r',
      rule: { values: { email: 'a@x.example', age: 7 } },
    } as unknown as BulkAction;
    expect(bulkActionFor(viewer, bulkAction)).toEqual({
      id: 'r',
      rule: { values: { email: '…', age: '…' } },
    });
    expect(bulkActionFor(operator, bulkAction)).toBe(bulkAction);
    const left = [{ campaign: 'c', row: 1, reason: 'rule-failed', detail: 'no a@x.example' } as const];
    expect(excludedFor(viewer, left)).toEqual([{ campaign: 'c', row: 1, reason: 'rule-failed' }]);
    expect(excludedFor(operator, left)).toEqual(left);
  });
});
