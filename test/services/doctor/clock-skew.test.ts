import { expect, it } from 'vitest';
import { makeMonotonicClock } from '../../../src/kit/clock.ts';
import type { HttpClient, HttpResult } from '../../../src/kit/http/client.ts';
import { clockFindings, watchClock } from '../../../src/services/doctor/clock-skew.ts';

/** An upstream whose clock is ahead, and whose answers take as long as a test says. It writes the date at their end. */
function openUpstream(aheadMs: number) {
  let now = 1_000_000;
  const durations: number[] = [];
  const http = {
    async send() {
      now += durations.shift() ?? 0;
      return { answered: true, dateMs: now + aheadMs } as unknown as HttpResult;
    },
  } as unknown as HttpClient;
  const client = watchClock(
    http,
    () => now,
    makeMonotonicClock(() => now),
  );
  const call = async (tookMs: number) => {
    durations.push(tookMs);
    await client.send({ method: 'GET', path: '/' } as never);
    return client.skewMs();
  };
  return { call };
}

it('judges the clock by quick answers only', async () => {
  const { call } = openUpstream(0);
  expect(await call(120_000)).toBeUndefined();
  expect(await call(100)).toBe(50);
  expect(await call(90_000)).toBe(50);
  expect(clockFindings('passmachine-clock', 'Passmachine', undefined)).toEqual([]);
});

it('prefers the quickest answer', async () => {
  const { call } = openUpstream(60_000);
  expect(await call(1_500)).toBe(60_750);
  expect(await call(20)).toBe(60_010);
  expect(await call(1_900)).toBe(60_010);
});
