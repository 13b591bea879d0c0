/** Calls counted in memory, by spans, as this process tells them. */

import { describe, expect, it } from 'vitest';
import { makeCallStats } from '../../../src/services/monitoring/call-stats.ts';
import type { HttpResult } from '../../../src/kit/http/http.ts';
import { createFailure } from '../../../src/passmachine/failure-map.ts';

const START = 1_800_000_000_000;
const answer = (status: number): HttpResult => ({ answered: true, status, text: '{}' });

function setUp() {
  let now = START;
  const callStats = makeCallStats(() => now);
  let next = answer(200);
  const http = callStats.counted(
    'passmachine',
    { send: async () => next, close: async () => {} },
    createFailure,
  );
  const call = async (result: HttpResult, at = now) => {
    [now, next] = [at, result];
    return http.send({ method: 'POST', path: '/' });
  };
  return { callStats, call, at: (ms: number) => void (now = ms), told: () => callStats.told().passmachine };
}

describe('what a process tells of its calls', () => {
  it('hands results on, and counts as failed what was not served, not what was judged', async () => {
    const { callStats, call, told } = setUp();
    const silence: HttpResult = { answered: false, sent: false, why: 'connection', detail: 'ECONNREFUSED' };
    const results = [answer(201), answer(422), answer(404), answer(429), answer(503), silence];
    for (const result of results) expect(await call(result)).toBe(result);
    const { counted } = callStats.unsaved();
    expect(counted).toMatchObject([
      { upstream: 'passmachine', start: START, bucket: { calls: 6, failures: 3 } },
    ]);
    const timed = Object.values(counted[0]!.bucket.durations).reduce((sum, count) => sum + count, 0);
    // What never left took no time on their side.
    expect(timed).toBe(5);
    expect(told()).toMatchObject({
      failuresInARow: 3,
      failingSince: START,
      lastSuccessAt: START,
      lastFailure: { at: START, code: 'PM_UNREACHABLE', detail: 'ECONNREFUSED' },
    });
    await call(answer(200), START + 5);
    expect(told()).toMatchObject({ failuresInARow: 0, lastSuccessAt: START + 5 });
    expect(told()).not.toHaveProperty('failingSince');
  });

  it('of the last ten whole seconds counts neither older calls nor this second’s', async () => {
    const { call, at, told } = setUp();
    await call(answer(200), START + 500);
    await call(answer(503), START + 1500);
    at(START + 1900);
    expect(told().recent).toEqual({ calls: 1, failures: 0 });
    at(START + 10_100);
    expect(told().recent).toEqual({ calls: 2, failures: 1 });
    at(START + 11_100);
    expect(told().recent).toEqual({ calls: 1, failures: 1 });
    at(START + 12_100);
    expect(told().recent).toEqual({ calls: 0, failures: 0 });
  });

  it('is handed out again, whole, until it is taken, and a long while without Redis loses the oldest', async () => {
    const { callStats, call } = setUp();
    await call(answer(200));
    const first = callStats.unsaved();
    await call(answer(200));
    first.taken();
    const second = callStats.unsaved();
    expect(second.counted).toMatchObject([{ start: START, bucket: { calls: 2 } }]);
    second.taken();
    expect(callStats.unsaved().counted).toEqual([]);
    for (let span = 1; span <= 20; span += 1) await call(answer(200), START + span * 10_000);
    const starts = callStats.unsaved().counted.map(({ start }) => start);
    expect([starts.length, starts[0], starts.at(-1)]).toEqual([12, START + 90_000, START + 200_000]);
  });
});
