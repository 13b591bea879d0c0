import { describe, expect, it } from 'vitest';
import { makeSamples } from '../../src/campaign/samples.ts';
import { makeJob } from '../support/make.ts';

/** The title and row of each sample, for customers with these attributes. */
function samplesOf(...customers: Record<string, string>[]) {
  const samples = makeSamples();
  customers.forEach((attributes, index) => {
    const row = index + 1;
    const customer = { ids: { registered: `c-${row}` }, attributes };
    samples.add(makeJob(row, { customer }), attributes);
  });
  return samples.result().map(({ title, row }) => [title, row]);
}

describe('samples', () => {
  it('picks the customer with the extreme value of each measure', () => {
    expect(
      samplesOf(
        { name: 'Jan', city: 'Brno' },
        { name: 'Jan', city: 'a long text of short words, and longer yet than any other one here is' },
        { name: 'Jan' },
        { name: 'Rindfleischetikettierungs', city: 'Brno' },
        { name: '山田太郎', city: 'Brno' },
      ),
    ).toEqual([
      ['typical', 1],
      ['longest', 2],
      ['fewest fields', 3],
      ['longest word', 4],
      ['rarest letters', 5],
    ]);
  });

  it('picks five different customers even if one is extreme by every measure', () => {
    const samples = samplesOf(
      { name: '山田太郎山田太郎山田太郎山田太郎山田太郎山田太郎山田太郎' },
      ...['Jan', 'Eva', 'Iva', 'Ota', 'Petr', 'Alena'].map((name) => ({ name, city: 'Brno' })),
    );
    expect(new Set(samples.map(([, row]) => row)).size).toBe(5);
  });

  it('picks all customers if there are fewer than five', () => {
    expect(samplesOf({ name: 'Jan' }, { name: 'Alexander' })).toEqual([
      ['typical', 1],
      ['longest', 2],
    ]);
    expect(samplesOf()).toEqual([]);
  });
});
