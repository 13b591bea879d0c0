/** The pulse when Redis takes nothing: it is told once, what was counted is kept, and nobody waits for it. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makePulse } from '../../../src/services/monitoring/heartbeat.ts';
import type { Stores } from '../../../src/services/stores.ts';
import { makeLogger } from '../../../src/kit/logger.ts';
import { createFailure } from '../../../src/passmachine/failure-map.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const lines: string[] = [];
  let answer: (() => Promise<void>) | undefined;
  const beats: { parts: readonly string[]; calls: number }[] = [];
  const stores = {
    pulses: {
      async beat({ parts }: { parts: string[] }, counted: { bucket: { calls: number } }[]) {
        beats.push({ parts, calls: counted.reduce((sum, { bucket }) => sum + bucket.calls, 0) });
        await answer?.();
      },
      end: async () => {},
    },
    leases: { hold: async () => false, letGo: async () => {} },
  } as unknown as Pick<Stores, 'pulses' | 'pace' | 'leases' | 'campaigns'>;
  const log = makeLogger('info', { write: (line) => void lines.push(line) });
  const pulse = makePulse(stores, Date.now, log);
  const http = pulse.traffic.counted(
    'passmachine',
    { send: async () => ({ answered: true, status: 200, text: '' }), close: async () => {} },
    createFailure,
  );
  const call = () => http.send({ method: 'POST', path: '/' });
  return { pulse, lines, beats, call, answers: (next: () => Promise<void>) => void (answer = next) };
}

describe('a pulse', () => {
  it('begins with the first part, once a second, and tells of parts taken up later', async () => {
    const { pulse, beats } = setUp();
    await vi.advanceTimersByTimeAsync(5000);
    expect(beats).toEqual([]);
    pulse.takesUp('worker');
    pulse.takesUp('web');
    await vi.advanceTimersByTimeAsync(3000);
    expect(beats.map(({ parts }) => parts.length)).toEqual([1, 2, 2, 2]);
    await pulse.stop();
    await vi.advanceTimersByTimeAsync(5000);
    // And one to end with.
    expect(beats).toHaveLength(5);
  });

  it('that Redis refuses is told once, and what was counted goes with the next', async () => {
    const { pulse, beats, lines, call, answers } = setUp();
    answers(() => Promise.reject(new Error('OOM')));
    pulse.takesUp('worker');
    await call();
    await vi.advanceTimersByTimeAsync(3000);
    expect([lines.length, beats.at(-1)?.calls]).toEqual([1, 1]);
    answers(async () => {});
    await vi.advanceTimersByTimeAsync(1000);
    expect(beats.at(-1)?.calls).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(beats.at(-1)?.calls).toBe(0);
    await pulse.stop();
  });

  it('waits for a Redis that is away with a single beat, and not when the process ends', async () => {
    const { pulse, beats, answers } = setUp();
    answers(() => new Promise(() => {}));
    pulse.takesUp('worker');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(beats).toHaveLength(1);
    const stopped = pulse.stop();
    await vi.advanceTimersByTimeAsync(1000);
    await stopped;
    expect(beats).toHaveLength(1);
  });
});
