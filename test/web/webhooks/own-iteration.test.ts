import { expect, it } from 'vitest';
import { makeOwnIterations } from '../../../src/web/webhooks/own-iteration.ts';

it('gives each call an iteration of the event loop of its own, in order', async () => {
  const waitForOwnIteration = makeOwnIterations();
  const iterations: string[] = [];
  let iteration = 0;
  const count = () => {
    iteration += 1;
    if (iteration < 20) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      await waitForOwnIteration();
      iterations.push(`${name}${iteration}`);
    }),
  );
  expect(iterations.map((entry) => entry[0])).toEqual(['a', 'b', 'c']);
  expect(new Set(iterations.map((entry) => entry.slice(1))).size).toBe(3);
});
