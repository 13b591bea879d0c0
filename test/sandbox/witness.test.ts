import { expect, test } from 'vitest';
import { makeWitness, type WitnessEntry } from '../../src/sandbox/witness.ts';
import { summarize } from '../../src/sandbox/witness-summary.ts';
import { eventually } from '../support/eventually.ts';

test('counts the calls in flight, and calls for tokens separately', () => {
  const witness = makeWitness({ keep: 100 });
  const first = witness.arrive('passmachine', 'create');
  const token = witness.arrive('passmachine', 'authenticate');
  const second = witness.arrive('passmachine', 'patch');
  witness.arrive('bloomreach', 'batch');
  expect(second).toMatchObject({ inFlight: 2, authenticating: 1 });

  for (const entry of [first, first, token, second]) witness.leave(entry);
  expect(witness.arrive('passmachine', 'create')).toMatchObject({ inFlight: 1, authenticating: 0 });
  expect(witness.maxInFlight()).toBe(2);
  expect(witness.maxInFlight('all')).toBe(3);
});

test('averages over time, including open calls', async () => {
  const witness = makeWitness({ keep: 100 });
  const entries = [witness.arrive('passmachine', 'create'), witness.arrive('passmachine', 'patch')];
  const from = witness.now();
  await eventually(() => expect(witness.now() - from).toBeGreaterThan(10));
  const middle = witness.now();
  for (const entry of entries) witness.leave(entry);
  witness.arrive('passmachine', 'create');
  const later = witness.now();
  await eventually(() => expect(witness.now() - later).toBeGreaterThan(10));

  expect(witness.averageInFlight(from, middle)).toBeCloseTo(2, 3);
  expect(witness.averageInFlight(later, witness.now())).toBeCloseTo(1, 3);
  expect(witness.averageInFlight(middle, middle)).toBe(0);
});

test('lists customers with more than one card, and cards that were not written back', () => {
  const witness = makeWitness({ keep: 100 });
  const create = (customer: string | undefined, passId: string, applied = true) =>
    witness.settle(witness.arrive('passmachine', 'create'), { applied, customer, passId });
  create('c-1', 'p-1');
  create('c-1', 'p-2');
  create('c-2', 'p-3');
  create('c-2', 'p-4', false);
  create(undefined, 'p-5');
  witness.recordProperties({ any_name: 'p-1', other: 5 });
  witness.recordProperties({ passmachine_pass_id: 'p-3' });
  witness.recordProperties({ passmachine_pass_id: 'p-unknown' });

  expect(Object.fromEntries(witness.createsApplied())).toEqual({ 'c-1': 2, 'c-2': 1, 'p-5': 1 });
  expect(witness.doubles()).toEqual([{ customer: 'c-1', creates: 2 }]);
  expect(witness.writeBacks.missing()).toEqual(['p-2', 'p-5']);
  expect(witness.writeBacks.delays()).toHaveLength(2);
  expect(summarize(witness)).toMatchObject({
    cards: 4,
    customersWithCard: 3,
    writtenBack: 2,
    notWrittenBack: 2,
  });
});

test('reports a call once it has both settled and left, in either order', () => {
  const closed: WitnessEntry[] = [];
  const witness = makeWitness({ keep: 100, onClosed: (entry) => closed.push(entry) });
  const answered = witness.arrive('passmachine', 'create');
  witness.settle(answered, { applied: true, status: 200 });
  expect(closed).toEqual([]);
  witness.leave(answered);
  const abandoned = witness.arrive('passmachine', 'create');
  witness.leave(abandoned);
  expect(closed).toEqual([answered]);
  witness.settle(abandoned, { applied: true });
  expect(closed).toEqual([answered, abandoned]);
});

test('keeps the newest calls, counts all, and forgets them on reset', () => {
  const witness = makeWitness({ keep: 10 });
  for (let index = 0; index < 95; index += 1) witness.leave(witness.arrive('passmachine', 'create'));
  expect(witness.entries().length).toBeGreaterThanOrEqual(10);
  expect(witness.entries().length).toBeLessThan(20);
  expect(witness.entries().at(-1)?.seq).toBe(95);
  expect(witness.count('create')).toBe(95);
  witness.reset();
  expect(witness.entries()).toEqual([]);
  expect(witness.count('create')).toBe(0);
});
