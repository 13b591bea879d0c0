import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/services/backup/judge-store.ts';

const mark = (epoch: number, count: number) => ({ epoch, count, at: count * 500 });

describe('a store is', () => {
  it.each([
    ['current, if it has what was seen', mark(1, 100), mark(1, 100), undefined],
    ['current, if others worked meanwhile', mark(1, 100), mark(1, 160), undefined],
    ['current, if a failover lost the latest advance', mark(1, 100), mark(1, 99), undefined],
    ['behind, if a second of work is missing', mark(1, 100), mark(1, 98), 'went-back'],
    ['behind, if it is of an earlier epoch, however long it worked', mark(3, 10), mark(2, 900), 'went-back'],
    ['current, if another process has noticed its restoration', mark(1, 100), mark(2, 40), undefined],
    ['lost, if it does not know the home', mark(1, 100), mark(1, 0), 'lost'],
    ['lost, if the home has just begun to work again', mark(4, 100), mark(1, 1), 'lost'],
    ['current for a home that has hardly worked', mark(1, 1), mark(1, 0), undefined],
  ])('%s', (_name, seen, stored, cause) => {
    expect(judge(seen, stored)?.cause).toBe(cause);
  });
});
