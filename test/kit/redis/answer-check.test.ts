import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeAnswerCheck } from '../../../src/kit/redis/answer-check.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A Redis that answers each PING when told to. */
function setUp() {
  const pings: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const redis = {
    status: 'ready' as const,
    ping: () =>
      new Promise<void>((resolve, reject) => {
        pings.push({ resolve, reject });
      }),
  };
  return { redis, pings, answers: makeAnswerCheck(redis) };
}

it('sends one PING for all that ask, and none for a while after its answer', async () => {
  const { pings, answers } = setUp();
  const asked = [answers(), answers(), answers()];
  pings[0]?.resolve();
  expect(await Promise.all(asked)).toEqual([true, true, true]);
  expect(await answers()).toBe(true);
  expect(pings).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(251);
  void answers();
  expect(pings).toHaveLength(2);
});

it('says after a second that Redis does not answer, then at once, and never sends a second PING', async () => {
  const { pings, answers } = setUp();
  const first = answers();
  await vi.advanceTimersByTimeAsync(1001);
  expect(await first).toBe(false);
  expect(await Promise.all(Array.from({ length: 100 }, answers))).not.toContain(true);
  expect(pings).toHaveLength(1);
  pings[0]?.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(await answers()).toBe(true);
});

it('asks again after a PING that failed', async () => {
  const { pings, answers } = setUp();
  const first = answers();
  pings[0]?.reject(new Error('closed'));
  expect(await first).toBe(false);
  const second = answers();
  pings[1]?.resolve();
  expect(await second).toBe(true);
});

it('does not ask a Redis that is not connected', async () => {
  const { redis, pings } = setUp();
  expect(await makeAnswerCheck({ ...redis, status: 'reconnecting' })()).toBe(false);
  expect(pings).toHaveLength(0);
});
