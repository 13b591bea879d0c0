import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeLogger } from '../../src/kit/logger.ts';
import { openPassLimits } from '../../src/limiter/pass-limits.ts';
import { keepQueueConfig, makeAssertQueueConfig } from '../../src/queue/queue-config.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

describe('the configuration of the pass queue', () => {
  it('is restored after the queue was cleared by hand, and the limits set by hand are kept', async () => {
    const [redis, prefix] = [openRedis(), testPrefix()];
    const assertConfig = makeAssertQueueConfig(redis, prefix);
    const limits = openPassLimits(redis, prefix, { maxInFlight: 10 });
    await limits.set({ maxInFlight: 4 });
    expect([await assertConfig(), await assertConfig()]).toEqual([true, false]);
    await redis.del(`${prefix}:pass:meta`);
    expect([await assertConfig(), await assertConfig()]).toEqual([true, false]);
    await redis.hset(`${prefix}:pass:meta`, 'concurrency', 10);
    expect([await assertConfig(), await assertConfig()]).toEqual([true, false]);
    expect(await limits.effective()).toMatchObject({ maxInFlight: { limit: 4, overridden: true } });
  });
});

describe('the check of the configuration', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('restores it within 30 s, logs that it did, and ends when it is stopped', async () => {
    const lines: string[] = [];
    const log = makeLogger('info', { write: (line) => void lines.push(line) });
    let missing = true;
    let checks = 0;
    const assertConfig = async () => {
      checks += 1;
      const changed = missing;
      missing = false;
      return changed;
    };
    const part = await keepQueueConfig(assertConfig, log);
    await vi.advanceTimersByTimeAsync(30_000);
    expect([checks, lines.length]).toEqual([2, 0]);
    missing = true;
    await vi.advanceTimersByTimeAsync(30_000);
    expect([missing, lines.length]).toEqual([false, 1]);
    expect(lines[0]).toContain('queue.config-restored');
    await part.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(checks).toBe(3);
  });
});
