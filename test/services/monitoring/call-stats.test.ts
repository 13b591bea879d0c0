/** Calls counted in memory, by time buckets. */

import { describe, expect, it } from 'vitest';
import { makeCallStats } from '../../../src/services/monitoring/call-stats.ts';
import type { HttpResult } from '../../../src/kit/http/client.ts';
import { passmachineFailure } from '../../../src/passmachine/answers.ts';

const START = 1_800_000_000_000;
const response = (status: number): HttpResult => ({ answered: true, status, text: '{}' });

function setUp() {
  let now = START;
  const callStats = makeCallStats(() => now);
  let next = response(200);
  const http = callStats.countCalls(
    'passmachine',
    { send: async () => next, close: async () => {} },
    passmachineFailure,
  );
  const call = async (result: HttpResult, at = now) => {
    [now, next] = [at, result];
    return http.send({ method: 'POST', path: '/' });
  };
  return {
    callStats,
    call,
    at: (ms: number) => void (now = ms),
    status: () => callStats.status().passmachine,
  };
}

describe('call stats', () => {
  it('keep no name of a customer from the answer of an upstream', async () => {
    const { callStats, call, status } = setUp();
    const text = 'Customer Jana Nováková (jana@example.com, +420777123456) blocked';
    await call({ answered: true, status: 503, text, retryAfterMs: 0 });
    expect(status().lastFailure).toEqual({
      at: START,
      code: 'PM_UNAVAILABLE',
      detail: 'Customer … (…, +…) blocked',
    });
    callStats.recordFailure('bloomreach', { code: 'BR_UNAVAILABLE', detail: text, status: 500 });
    expect(JSON.stringify(callStats.status())).not.toMatch(/Jana|Nov|@|777/);
  });

  it('pass results through, and count unserved calls as failed, but not rejected content', async () => {
    const { callStats, call, status } = setUp();
    const noResponse: HttpResult = {
      answered: false,
      sent: false,
      reason: 'connection',
      detail: 'ECONNREFUSED',
    };
    const results = [response(201), response(422), response(404), response(429), response(503), noResponse];
    for (const result of results) expect(await call(result)).toBe(result);
    const { buckets } = callStats.unsaved();
    expect(buckets).toMatchObject([
      { upstream: 'passmachine', start: START, bucket: { calls: 6, failures: 3 } },
    ]);
    const timed = Object.values(buckets[0]!.bucket.durations).reduce((sum, count) => sum + count, 0);
    // The unsent call has no duration.
    expect(timed).toBe(5);
    expect(status()).toMatchObject({
      consecutiveFailures: 3,
      failingSince: START,
      lastSuccessAt: START,
      lastFailure: { at: START, code: 'PM_UNREACHABLE', detail: 'ECONNREFUSED' },
    });
    await call(response(200), START + 5);
    expect(status()).toMatchObject({ consecutiveFailures: 0, lastSuccessAt: START + 5 });
    expect(status()).not.toHaveProperty('failingSince');
  });

  it('cover the last ten whole seconds, without the current one', async () => {
    const { call, at, status } = setUp();
    await call(response(200), START + 500);
    await call(response(503), START + 1500);
    at(START + 1900);
    expect(status().recent).toEqual({ calls: 1, failures: 0 });
    at(START + 10_100);
    expect(status().recent).toEqual({ calls: 2, failures: 1 });
    at(START + 11_100);
    expect(status().recent).toEqual({ calls: 1, failures: 1 });
    at(START + 12_100);
    expect(status().recent).toEqual({ calls: 0, failures: 0 });
  });

  it('return unsaved buckets until they are saved, and drop the oldest during a long Redis outage', async () => {
    const { callStats, call } = setUp();
    await call(response(200));
    const first = callStats.unsaved();
    await call(response(200));
    first.markSaved();
    const second = callStats.unsaved();
    expect(second.buckets).toMatchObject([{ start: START, bucket: { calls: 2 } }]);
    second.markSaved();
    expect(callStats.unsaved().buckets).toEqual([]);
    for (let n = 1; n <= 20; n += 1) await call(response(200), START + n * 10_000);
    const starts = callStats.unsaved().buckets.map(({ start }) => start);
    expect([starts.length, starts[0], starts.at(-1)]).toEqual([12, START + 90_000, START + 200_000]);
  });
});
