/** The lists of failures and the start of a bulk action do not depend on the number of failures. */

import { describe, expect, it, vi } from 'vitest';
import { failureGroups, failuresPage } from '../../src/services/failures/list-failures.ts';
import { failure } from '../../src/domain/failures/failure.ts';
import { openBulkActionFixture } from '../support/bulk-action-fixture.ts';

const word = (n: number) => String(n).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)));

/** Plants failures of six causes, lists and retries them, and returns the round trips to Redis of both. */
async function measure(count: number) {
  const fixture = await openBulkActionFixture();
  await fixture.plant('run', count, (row) => failure('PM_REFUSED', `bad ${word(row % 6)}`));
  const sent = vi.spyOn(fixture.redis, 'sendCommand');
  const groups = await failureGroups(fixture, {}, Date.now());
  expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(count);
  const [first] = groups;
  await failuresPage(fixture, { campaign: 'run', cause: first?.cause.id ?? '' });
  const listed = sent.mock.calls.length;
  expect(await fixture.retry()).toMatchObject({ status: 'waiting', total: count, done: 0 });
  return { listed, ordered: sent.mock.calls.length - listed };
}

describe('100,000 failures', () => {
  it('are listed and retried in as many round trips as 600', async () => {
    const few = await measure(600);
    expect(few.listed).toBeGreaterThan(0);
    expect(await measure(100_000)).toEqual(few);
  });
});
