import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import pino from 'pino';
import { startPeriodic, type Leader } from '../../src/kit/periodic.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const log = pino({ enabled: false });

describe('a periodic task', () => {
  it('runs at once and then after each pause', async () => {
    const work = vi.fn<() => Promise<void>>(async () => {});
    const task = startPeriodic({ name: 'task', everyMs: 1000, work, log });
    await vi.advanceTimersByTimeAsync(2500);
    expect(work).toHaveBeenCalledTimes(3);
    await task.stop();
  });

  it('never overlaps its own runs', async () => {
    let running = 0;
    let maxRunning = 0;
    const work = async () => {
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      await new Promise((resolve) => void setTimeout(resolve, 5000));
      running -= 1;
    };
    const task = startPeriodic({ name: 'task', everyMs: 1000, work, log });
    task.wake();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(maxRunning).toBe(1);
    const stopped = task.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    await stopped;
  });

  it('waits on stop for the run in progress and starts no other', async () => {
    const ended: string[] = [];
    const work = vi.fn<() => Promise<void>>(async () => {
      await new Promise((resolve) => void setTimeout(resolve, 300));
      ended.push('run');
    });
    const task = startPeriodic({ name: 'task', everyMs: 1, work, log });
    await vi.advanceTimersByTimeAsync(1);
    const stopped = task.stop().then(() => ended.push('stop'));
    await vi.advanceTimersByTimeAsync(1000);
    await stopped;
    expect(ended).toEqual(['run', 'stop']);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('logs an error once and keeps its schedule', async () => {
    const error = vi.fn<() => void>();
    const work = vi.fn<() => Promise<void>>(async () => Promise.reject(new Error('Redis is away')));
    const task = startPeriodic({ name: 'spool sweep', everyMs: 1000, work, log: { error } as never });
    await vi.advanceTimersByTimeAsync(1500);
    expect(work).toHaveBeenCalledTimes(2);
    expect(error).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ event: 'spool-sweep.failed' }),
      expect.any(String),
    );
    await task.stop();
  });

  it('starts the next run at once when woken, even during a run', async () => {
    const work = vi.fn<() => Promise<void>>(async () => {});
    const task = startPeriodic({ name: 'task', everyMs: 60_000, firstAfterMs: 60_000, work, log });
    await vi.advanceTimersByTimeAsync(10);
    expect(work).not.toHaveBeenCalled();
    task.wake();
    await vi.advanceTimersByTimeAsync(10);
    expect(work).toHaveBeenCalledTimes(1);
    await task.stop();
  });

  it('varies its pauses by the jitter', async () => {
    const work = vi.fn<() => Promise<void>>(async () => {});
    const task = startPeriodic({ name: 'task', everyMs: 1000, jitter: 0.5, random: () => 0, work, log });
    await vi.advanceTimersByTimeAsync(1100);
    expect(work).toHaveBeenCalledTimes(3);
    await task.stop();
  });

  it('runs only while it is the leader and releases the lease on stop', async () => {
    let isLeader = false;
    const release = vi.fn<() => Promise<void>>(async () => {});
    const leader: Leader = { acquire: async () => isLeader, release };
    const work = vi.fn<() => Promise<void>>(async () => {});
    const task = startPeriodic({ name: 'task', everyMs: 1000, leader, work, log });
    await vi.advanceTimersByTimeAsync(1500);
    expect(work).not.toHaveBeenCalled();
    isLeader = true;
    await vi.advanceTimersByTimeAsync(1000);
    expect(work).toHaveBeenCalledTimes(1);
    await task.stop();
    expect(release).toHaveBeenCalledTimes(1);
  });
});
