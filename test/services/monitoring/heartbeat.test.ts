/** The heartbeat while Redis rejects it or is down: logged once, counts are kept, and the process is not delayed. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Heartbeat } from '../../../src/domain/monitoring/heartbeat.ts';
import { makeLogger } from '../../../src/kit/logger.ts';
import { passmachineFailure } from '../../../src/passmachine/answers.ts';
import { makeHeartbeat } from '../../../src/services/monitoring/heartbeat.ts';
import type { Stores } from '../../../src/services/stores.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const lines: string[] = [];
  let reply: (() => Promise<void>) | undefined;
  const heartbeats: { roles: readonly string[]; calls: number }[] = [];
  const stores = {
    heartbeats: {
      async record({ roles }: Heartbeat, counted: { bucket: { calls: number } }[]) {
        heartbeats.push({ roles, calls: counted.reduce((sum, { bucket }) => sum + bucket.calls, 0) });
        await reply?.();
      },
      remove: async () => {},
    },
    leases: { leader: () => ({ acquire: async () => false, release: async () => {} }) },
  } as unknown as Pick<Stores, 'heartbeats' | 'throughput' | 'leases' | 'campaigns'>;
  const log = makeLogger('info', { write: (line) => void lines.push(line) });
  const heartbeat = makeHeartbeat(stores, Date.now, log);
  const http = heartbeat.callStats.countCalls(
    'passmachine',
    { send: async () => ({ answered: true, status: 200, text: '' }), close: async () => {} },
    passmachineFailure,
  );
  const call = () => http.send({ method: 'POST', path: '/' });
  return {
    heartbeat,
    lines,
    heartbeats,
    call,
    replyWith: (next: () => Promise<void>) => void (reply = next),
  };
}

describe('the heartbeat', () => {
  it('starts with the first role, is sent once a second, and includes roles added later', async () => {
    const { heartbeat, heartbeats } = setUp();
    await vi.advanceTimersByTimeAsync(5000);
    expect(heartbeats).toEqual([]);
    heartbeat.addRole('worker');
    await vi.advanceTimersByTimeAsync(500);
    heartbeat.addRole('web');
    await vi.advanceTimersByTimeAsync(2500);
    expect(heartbeats.map(({ roles }) => roles.length)).toEqual([1, 2, 2, 2]);
    await heartbeat.stop();
    await vi.advanceTimersByTimeAsync(5000);
    // One more is sent on stop.
    expect(heartbeats).toHaveLength(5);
  });

  it('logs once that Redis rejects it and sends the counts with the next one', async () => {
    const { heartbeat, heartbeats, lines, call, replyWith } = setUp();
    replyWith(() => Promise.reject(new Error('OOM')));
    heartbeat.addRole('worker');
    await call();
    await vi.advanceTimersByTimeAsync(3000);
    expect([lines.length, heartbeats.at(-1)?.calls]).toEqual([1, 1]);
    replyWith(async () => {});
    await vi.advanceTimersByTimeAsync(1000);
    expect(heartbeats.at(-1)?.calls).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(heartbeats.at(-1)?.calls).toBe(0);
    await heartbeat.stop();
  });

  it('waits for Redis with a single heartbeat, and at most a second on stop', async () => {
    const { heartbeat, heartbeats, replyWith } = setUp();
    replyWith(() => new Promise(() => {}));
    heartbeat.addRole('worker');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(heartbeats).toHaveLength(1);
    const stopped = heartbeat.stop();
    // A timeout gives ready sockets one round of the event loop, for which the simulated clock counts a millisecond.
    await vi.advanceTimersByTimeAsync(1001);
    await stopped;
    expect(heartbeats).toHaveLength(1);
  });
});
