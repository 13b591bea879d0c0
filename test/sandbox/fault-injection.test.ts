import { describe, expect, test } from 'vitest';
import { makeFaults, makeRandom } from '../../src/sandbox/fault-injection.ts';

const faultsOf = (...rules: Parameters<ReturnType<typeof makeFaults>['add']>[0][]) => {
  const faults = makeFaults(makeRandom(7));
  for (const rule of rules) faults.add(rule);
  return faults;
};
const pickCreates = (faults: ReturnType<typeof makeFaults>, count: number) =>
  Array.from({ length: count }, () => faults.pick('passmachine', 'create', 'c-1', '{"body":1}'));

describe('a rule', () => {
  test('exempts the first calls and affects a number of calls after them', () => {
    const faults = faultsOf({ target: 'create', fault: 500, skip: 1, times: 2 });
    expect(pickCreates(faults, 5)).toEqual([undefined, 500, 500, undefined, undefined]);
    expect(faults.list()).toMatchObject([{ matched: 5, injected: 2 }]);
  });

  test.each([
    ['its kind', 'create', 500],
    ['its side', 'passmachine', 500],
    ['another kind', 'patch', undefined],
    ['the other side', 'bloomreach', undefined],
  ] as const)('targets %s', (_name, target, expected) => {
    expect(pickCreates(faultsOf({ target, fault: 500 }), 1)).toEqual([expected]);
  });

  test.each([
    ['^c-1$', 500],
    ['"body":1', 500],
    ['c-2', undefined],
  ])('matches %s on the customer or the body', (match, expected) => {
    expect(pickCreates(faultsOf({ target: 'create', fault: 500, match }), 1)).toEqual([expected]);
  });

  test('with a rate affects that share of the calls, the same ones for the same seed', () => {
    const rule = { target: 'create', fault: 500, rate: 0.2 } as const;
    const picked = pickCreates(faultsOf(rule), 2000);
    const injected = picked.filter((fault) => fault === 500).length;
    expect(injected).toBeGreaterThan(320);
    expect(injected).toBeLessThan(480);
    expect(pickCreates(faultsOf(rule), 2000)).toEqual(picked);
  });

  test('can be removed', () => {
    const faults = faultsOf();
    const id = faults.add({ target: 'create', fault: 500 });
    expect(faults.remove(id)).toBe(true);
    expect(faults.remove(id)).toBe(false);
    expect(pickCreates(faults, 1)).toEqual([undefined]);
  });
});

test('the first rule that applies wins, and 200 exempts calls from later rules', () => {
  const faults = faultsOf(
    { target: 'create', fault: 200, match: 'c-1' },
    { target: 'create', fault: 500 },
    { target: 'create', fault: 503 },
  );
  expect(faults.pick('passmachine', 'create', 'c-1', '')).toBe(200);
  expect(faults.pick('passmachine', 'create', 'c-2', '')).toBe(500);
});

test('commands are refused individually, by their content', () => {
  const faults = faultsOf({ target: 'command', fault: { refuse: ['no'] }, match: 'c-9' });
  expect(faults.refusal({ data: { customer_ids: { registered: 'c-9' } } })).toEqual(['no']);
  expect(faults.refusal({ data: { customer_ids: { registered: 'c-1' } } })).toBeUndefined();
  expect(faults.pick('bloomreach', 'batch', undefined, 'c-9')).toBeUndefined();
});

test('a rule that breaks the schema throws', () => {
  expect(() => faultsOf({ target: 'command', fault: 500 })).toThrow(/commands can only be refused/);
});
