import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeDeferred } from '../../../src/kit/deferred.ts';
import { whileRedisAnswers } from '../../../src/kit/redis/while-redis-answers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A Redis that answers until a test silences it, and work that ends when the test says so. */
function setUp() {
  let pending: (() => void)[] = [];
  let isSilent = false;
  const redis = {
    status: 'ready' as const,
    ping: () =>
      new Promise<string>((resolve) => {
        if (isSilent) pending.push(() => resolve('PONG'));
        else resolve('PONG');
      }),
  };
  const silence = () => (isSilent = true);
  /** A Redis that hung answers everything that it was sent meanwhile. */
  const recover = () => {
    isSilent = false;
    for (const answer of pending) answer();
    pending = [];
  };
  const patient = new AbortController();
  const work = makeDeferred();
  const options = { limitMs: 15_000, patient: patient.signal, late: () => new Error('away') };
  const ended = whileRedisAnswers(redis, options, () => work.promise.then(() => 'done')).catch(
    (error: unknown) => String(error),
  );
  return { silence, recover, patient, finish: work.resolve, ended };
}

it('waits for slow work while Redis answers', async () => {
  const { finish, ended } = setUp();
  await vi.advanceTimersByTimeAsync(120_000);
  finish();
  expect(await ended).toBe('done');
});

it('abandons the work once Redis has been silent for the limit', async () => {
  const { silence, ended } = setUp();
  await vi.advanceTimersByTimeAsync(5_000);
  silence();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await Promise.race([ended, Promise.resolve('waits')])).toBe('waits');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await ended).toBe('Error: away');
});

it('forgives a silence that ends', async () => {
  const { silence, recover, finish, ended } = setUp();
  for (let pause = 0; pause < 5; pause += 1) {
    silence();
    await vi.advanceTimersByTimeAsync(10_000);
    recover();
    await vi.advanceTimersByTimeAsync(3_000);
  }
  finish();
  expect(await ended).toBe('done');
});

it('waits as long as it takes once the command follows a campaign', async () => {
  const { silence, patient, finish, ended } = setUp();
  patient.abort();
  silence();
  await vi.advanceTimersByTimeAsync(600_000);
  finish();
  expect(await ended).toBe('done');
});
