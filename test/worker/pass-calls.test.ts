import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failure, type FailureCode } from '../../src/domain/failures/failure.ts';
import { monotonicClock, sleep } from '../../src/kit/clock.ts';
import { makeJob } from '../support/make.ts';
import { makeBreaker } from '../../src/worker/breaker.ts';
import { makeCreateBreaker } from '../../src/worker/create-breaker.ts';
import { makeCall, withBreakers } from '../../src/worker/pass-calls.ts';
import { makeDoubtsOfOne } from '../support/create-doubts.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ROUND_TRIP_MS = 100;

type Call = 'create' | 'patch' | 'probe';

const compose = async () => '{}';

interface World {
  /** Returns the failure of a call, by what it is and its number among the calls of its kind. */
  fails?: (call: Call, number: number) => FailureCode | 'throws' | undefined;
  canProbe?: boolean;
}

/** Passmachine behind the breakers, with a round trip of 100 ms on a simulated clock. */
function setUp({ fails = () => undefined, canProbe = true }: World) {
  const calls: Record<Call, number> = { create: 0, patch: 0, probe: 0 };
  const most = { inFlight: 0 };
  let inFlight = 0;
  const send = async (call: Call) => {
    const number = (calls[call] += 1);
    most.inFlight = Math.max(most.inFlight, (inFlight += 1));
    const code = fails(call, number);
    await sleep(ROUND_TRIP_MS);
    inFlight -= 1;
    if (code === 'throws') throw new Error('a bug');
    return code === undefined ? { ok: true as const } : { ok: false as const, failure: failure(code, '') };
  };
  const breaker = makeBreaker({ clock: monotonicClock, random: () => 0.9 });
  const creates = makeCreateBreaker({
    clock: monotonicClock,
    doubts: makeDoubtsOfOne(monotonicClock),
    canProbe,
  });
  const api = withBreakers(
    {
      async create(composeBody) {
        await composeBody();
        const called = await send('create');
        return called.ok ? { ok: true, pass: { passId: 'p', answer: {} } } : called;
      },
      patch: () => send('patch'),
      ...(canProbe && { probe: () => send('probe') }),
    },
    { breaker, creates },
  );

  const results: Record<string, number> = {};
  /** As the worker does: pauses of one job, or of all. */
  let gateUntil = 0;
  const work = async (call: 'create' | 'patch') => {
    const sent = await (call === 'create' ? api.create(compose) : api.patch('p', compose)).catch(
      () => undefined,
    );
    const action = call === 'create' ? call : 'update';
    const result = sent !== undefined && 'failure' in sent ? await api.excuse(action, sent) : sent;
    const code = result === undefined ? 'threw' : 'failure' in result ? result.failure.code : `${call} done`;
    results[code] = (results[code] ?? 0) + 1;
    if (result === undefined || !('failure' in result)) return;
    const pauseMs = result.failure.retryAfterMs ?? 0;
    if (code === 'PM_DOWN') gateUntil = Math.max(gateUntil, Date.now() + pauseMs);
    else await sleep(pauseMs);
  };
  /** Ten slots that make calls for as long as told. */
  const run = async (slots: ('create' | 'patch')[], ms: number) => {
    const until = Date.now() + ms;
    const slot = async (call: 'create' | 'patch') => {
      while (Date.now() < until) {
        await sleep(Math.max(0, gateUntil - Date.now()));
        await work(call);
      }
    };
    const running = Promise.all(slots.map(slot));
    await vi.advanceTimersByTimeAsync(ms + 20 * MINUTE_MS);
    await running;
  };
  return { api, breaker, creates, calls, results, most, run };
}

const tenCreates = Array.from({ length: 10 }, () => 'create' as const);
const fiveOfEach = tenCreates.map((call, slot) => (slot % 2 === 0 ? call : 'patch'));

describe('an hour in which every call is answered 500', () => {
  it('leaves the ten creates in flight at its start unknown, and none after them', async () => {
    const { calls, results, run } = setUp({
      fails: (call) => (call === 'probe' ? 'PM_TOKEN_UNAVAILABLE' : 'PM_UNKNOWN_ERROR'),
    });
    await run(tenCreates, HOUR_MS);
    expect({ creates: calls.create, unknown: results['PM_UNKNOWN_ERROR'] }).toEqual({
      creates: 10,
      unknown: 10,
    });
    expect(calls.probe).toBeGreaterThan(100);
    expect(calls.probe).toBeLessThan(160);
  });

  it('makes no more than ten trials if only updates can probe', async () => {
    const { calls, run } = setUp({ fails: () => 'PM_UNKNOWN_ERROR', canProbe: false });
    await run(fiveOfEach, HOUR_MS);
    expect(calls.create).toBeLessThanOrEqual(5 + 10);
  });
});

describe('if only creates are answered 500', () => {
  it('an hour leaves ten more unknown, each a trial', async () => {
    const { calls, results, run } = setUp({
      fails: (call) => (call === 'create' ? 'PM_UNKNOWN_ERROR' : undefined),
    });
    await run(tenCreates, HOUR_MS);
    expect(calls.create).toBeLessThanOrEqual(20);
    expect(calls.create).toBeGreaterThan(15);
    expect(results['PM_UNKNOWN_ERROR']).toBe(calls.create);
  });

  it('updates are sent as before', async () => {
    const { calls, results, run } = setUp({
      fails: (call) => (call === 'create' ? 'PM_UNKNOWN_ERROR' : undefined),
    });
    await run(fiveOfEach, 5 * MINUTE_MS);
    expect(calls.create).toBeLessThanOrEqual(10);
    const possible = (5 * 5 * MINUTE_MS) / ROUND_TRIP_MS;
    expect(results['patch done']).toBeGreaterThan(0.95 * possible);
  });

  it('an hour leaves ten more unknown, too, if there is no call that makes nothing', async () => {
    const { calls, run } = setUp({
      fails: (call) => (call === 'create' ? 'PM_UNKNOWN_ERROR' : undefined),
      canProbe: false,
    });
    await run(tenCreates, HOUR_MS);
    expect(calls.create).toBeLessThanOrEqual(20);
  });
});

describe('the end of an outage', () => {
  it('starts all creates again after one probe and one trial', async () => {
    const isOver = () => Date.now() >= startedAt + 5 * MINUTE_MS;
    const startedAt = Date.now();
    const { calls, results, most, run, breaker, creates } = setUp({
      fails: (call) => {
        if (isOver()) return undefined;
        return call === 'probe' ? 'PM_TOKEN_UNAVAILABLE' : 'PM_UNKNOWN_ERROR';
      },
    });
    await run(tenCreates, 6 * MINUTE_MS);
    expect(results['PM_UNKNOWN_ERROR']).toBe(10);
    // Of the sixth minute, at most one pause of 30 s is lost.
    expect(results['create done']).toBeGreaterThan((10 * 30_000) / ROUND_TRIP_MS - 50);
    expect(calls.create).toBe(10 + (results['create done'] ?? 0));
    expect(most.inFlight).toBe(10);
    expect([breaker.isOpen(), creates.isOpen()]).toEqual([false, false]);
  });
});

const everyTwentieth = (call: Call, number: number) =>
  call === 'create' && number % 20 === 0 ? ('PM_UNKNOWN_ERROR' as const) : undefined;

describe('isolated creates that may have been made', () => {
  it('cost next to nothing among ten in flight: a younger one decides', async () => {
    const { calls, results, run } = setUp({ fails: everyTwentieth });
    await run(tenCreates, MINUTE_MS);
    expect(calls.create).toBeGreaterThan(0.9 * 10 * (MINUTE_MS / ROUND_TRIP_MS));
    expect(results['PM_UNKNOWN_ERROR']).toBe(Math.floor(calls.create / 20));
    expect(results).not.toHaveProperty('PM_CREATES_PAUSED');
    expect(results).not.toHaveProperty('PM_DOWN');
  });

  it('cost one round trip each if calls are made one by one', async () => {
    const { calls, run } = setUp({ fails: everyTwentieth });
    await run(['create'], MINUTE_MS);
    const possible = MINUTE_MS / ROUND_TRIP_MS;
    expect(calls.create + calls.probe).toBeGreaterThan(0.98 * possible);
    expect(calls.probe).toBe(Math.floor(calls.create / 20));
  });
});

describe('a probe', () => {
  it('that throws does not keep others from probing', async () => {
    const isOver = () => Date.now() >= startedAt + 10_000;
    const startedAt = Date.now();
    const { results, run } = setUp({
      fails: (call) => (isOver() ? undefined : call === 'create' ? 'PM_UNKNOWN_ERROR' : 'throws'),
    });
    await run(tenCreates, MINUTE_MS);
    expect(results['threw']).toBeGreaterThan(0);
    expect(results['create done']).toBeGreaterThan(1000);
  });

  it('that is an update and throws does not, either', async () => {
    const isOver = () => Date.now() >= startedAt + 10_000;
    const startedAt = Date.now();
    const { results, run } = setUp({
      fails: (_call, number) => (isOver() ? undefined : number <= 10 ? 'PM_UNREACHABLE' : 'throws'),
    });
    await run(
      tenCreates.map(() => 'patch'),
      MINUTE_MS,
    );
    expect(results['threw']).toBeGreaterThan(0);
    expect(results['patch done']).toBeGreaterThan(1000);
  });

  it('whose credentials are rejected ends the create with that failure', async () => {
    const { api, calls } = setUp({
      fails: (call) => (call === 'create' ? 'PM_UNKNOWN_ERROR' : 'PM_TOKEN_REJECTED'),
    });
    const codes: unknown[] = [];
    for (let n = 0; n < 4; n += 1) {
      const called = api
        .create(compose)
        .then(async (result) => ('failure' in result ? await api.excuse('create', result) : result));
      await vi.advanceTimersByTimeAsync(ROUND_TRIP_MS);
      codes.push(await called);
    }
    expect(codes).toMatchObject(
      ['PM_UNKNOWN_ERROR', 'PM_TOKEN_REJECTED', 'PM_TOKEN_REJECTED', 'PM_TOKEN_REJECTED'].map((code) => ({
        failure: { code },
      })),
    );
    expect(calls.create).toBe(1);
  });
});

describe('a change of a card whose id names another address', () => {
  it.each([
    ['..', 'ROW_FIELD_MISSING'],
    ['.', 'ROW_FIELD_MISSING'],
    ['%2e%2e', 'ROW_PASS_ID_INVALID'],
    ['p/../q', 'ROW_PASS_ID_INVALID'],
  ])('fails before a request is built: %s', async (passId, code) => {
    const { api, calls } = setUp({});
    const customer = { ids: { registered: 'c-1' }, attributes: { passmachine_pass_id: passId } };
    const job = makeJob(1, { action: 'update', customer });
    expect(await makeCall(api)(job, compose)).toMatchObject({
      ok: false,
      failure: { code },
    });
    expect(calls.patch).toBe(0);
  });
});
