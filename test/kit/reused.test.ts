import { expect, it } from 'vitest';
import { makeMonotonicClock } from '../../src/kit/clock.ts';
import { reuse } from '../../src/kit/reused.ts';

/** Returns reads that end when the test says so, and a clock that it sets. */
function makeReads() {
  const started: { resolve(value: string): void; reject(error: Error): void }[] = [];
  let now = 0;
  const read = reuse(
    () =>
      new Promise<string>((resolve, reject) => {
        started.push({ resolve, reject });
      }),
    { freshMs: 10, staleMs: 100, clock: makeMonotonicClock(() => now) },
  );
  return { started, read, at: (time: number) => (now = time) };
}

it('shares one read among all callers, and its result while it is fresh', async () => {
  const { started, read, at } = makeReads();
  const both = [read(), read()];
  started[0]?.resolve('first');
  expect(await Promise.all(both)).toEqual(['first', 'first']);
  at(9);
  expect(await read()).toBe('first');
  expect(started.length).toBe(1);
});

it('returns the last result while the next one is being read, until it is too old', async () => {
  const { started, read, at } = makeReads();
  const first = read();
  started[0]?.resolve('first');
  await first;
  at(50);
  expect([await read(), await read()]).toEqual(['first', 'first']);
  expect(started.length).toBe(2);
  at(100);
  const waiting = read();
  started[1]?.resolve('second');
  expect(await waiting).toBe('second');
});

it('reports a failed read only to callers without a result, and reads again', async () => {
  const { started, read, at } = makeReads();
  const first = read();
  started[0]?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  const second = read();
  started[1]?.resolve('second');
  expect(await second).toBe('second');
  at(50);
  expect(await read()).toBe('second');
  started[2]?.reject(new Error('away'));
  await Promise.resolve();
  expect(await read()).toBe('second');
});
