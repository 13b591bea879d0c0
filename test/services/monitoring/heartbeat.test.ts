/** The pulse when Redis takes nothing: it is told once, what was counted is kept, and nobody waits for it. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeHeartbeat } from '../../../src/services/monitoring/heartbeat.ts';
import type { Stores } from '../../../src/services/stores.ts';
import { makeLogger } from '../../../src/kit/logger.ts';
import { createFailure } from '../../../src/passmachine/failure-map.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const lines: string[] = [];
  let answer: (() => Promise<void>) | undefined;
  const heartbeats: { parts: readonly string[]; calls: number }[] = [];
  const stores = {
    heartbeats: {
      async heartbeat({ parts }: { parts: string[] }, counted: { bucket: { calls: number } }[]) {
        heartbeats.push({ parts, calls: counted.reduce((sum, { bucket }) => sum + bucket.calls, 0) });
        await answer?.();
      },
      end: async () => {},
    },
    leases: { hold: async () => false, letGo: async () => {} },
  } as unknown as Pick<Stores, 'heartbeats' | 'throughput' | 'leases' | 'campaigns'>;
  const log = makeLogger('info', { write: (line) => void lines.push(line) });
  const heartbeat = makeHeartbeat(stores, Date.now, log);
  const http = heartbeat.callStats.counted(
    'passmachine',
    { send: async () => ({ answered: true, status: 200, text: '' }), close: async () => {} },
    createFailure,
  );
  const call = () => http.send({ method: 'POST', path: '/' });
  return { heartbeat, lines, heartbeats, call, answers: (next: () => Promise<void>) => void (answer = next) };
}

describe('a pulse', () => {
  it('begins with the first part, once a second, and tells of parts taken up later', async () => {
    const { heartbeat, heartbeats } = setUp();
    await vi.advanceTimersByTimeAsync(5000);
    expect(heartbeats).toEqual([]);
    heartbeat.takesUp('worker');
    heartbeat.takesUp('web');
    await vi.advanceTimersByTimeAsync(3000);
    expect(heartbeats.map(({ parts }) => parts.length)).toEqual([1, 2, 2, 2]);
    await heartbeat.stop();
    await vi.advanceTimersByTimeAsync(5000);
    // And one to end with.
    expect(heartbeats).toHaveLength(5);
  });

  it('that Redis refuses is told once, and what was counted goes with the next', async () => {
    const { heartbeat, heartbeats, lines, call, answers } = setUp();
    answers(() => Promise.reject(new Error('OOM')));
    heartbeat.takesUp('worker');
    await call();
    await vi.advanceTimersByTimeAsync(3000);
    expect([lines.length, heartbeats.at(-1)?.calls]).toEqual([1, 1]);
    answers(async () => {});
    await vi.advanceTimersByTimeAsync(1000);
    expect(heartbeats.at(-1)?.calls).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(heartbeats.at(-1)?.calls).toBe(0);
    await heartbeat.stop();
  });

  it('waits for a Redis that is away with a single beat, and not when the process ends', async () => {
    const { heartbeat, heartbeats, answers } = setUp();
    answers(() => new Promise(() => {}));
    heartbeat.takesUp('worker');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(heartbeats).toHaveLength(1);
    const stopped = heartbeat.stop();
    await vi.advanceTimersByTimeAsync(1000);
    await stopped;
    expect(heartbeats).toHaveLength(1);
  });
});
