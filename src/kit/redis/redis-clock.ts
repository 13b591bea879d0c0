/**
 * The clock of Redis, by which all processes agree on due times, expiries and quiet hours, whatever the clocks of their
 * hosts show. Between two readings it advances with the monotonic clock, so reading the time costs no round trip.
 */

import { hostClock, monotonicClock, setSystemClock, systemClock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Part } from '../part.ts';
import { startPeriodic } from '../periodic.ts';
import type { RedisConnection } from './redis.ts';
import { serverTime } from './servers.ts';

/** The monotonic clock stands still while a virtual machine is suspended, so this is how long the time is wrong after that. */
const READ_EVERY_MS = 2000;
/** A difference between the clocks of this host and of Redis that is worth a line in the log. */
const SKEW_MS = 2000;

/** A slower answer leaves room for many times, so the clocks are not compared by it. */
const QUICK_MS = 500;

/** Sets the system clock by that of the server that holds this key. Returns the milliseconds that the answer took. */
export async function readRedisClock(redis: RedisConnection, key: string): Promise<number> {
  const asked = monotonicClock();
  const at = await serverTime(redis, key);
  const answered = monotonicClock();
  setSystemClock(at, [asked, answered]);
  return answered - asked;
}

/** Keeps the system clock with that of Redis, also after a failover to a host with another clock. */
export function followRedisClock(redis: RedisConnection, key: string, log: Logger): Part {
  let isSkewed = false;
  const work = async () => {
    if ((await readRedisClock(redis, key)) > QUICK_MS) return;
    const skewMs = hostClock() - systemClock();
    const wasSkewed = isSkewed;
    isSkewed = Math.abs(skewMs) > SKEW_MS;
    if (isSkewed && !wasSkewed) {
      log.warn(
        { event: 'clock.skew', skewMs },
        `the clock of this host is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} that of Redis, which passbridge uses; synchronize both (NTP)`,
      );
    }
  };
  const following = startPeriodic({
    name: 'clock',
    everyMs: READ_EVERY_MS,
    firstAfterMs: READ_EVERY_MS,
    work,
    log,
  });
  redis.on('ready', following.wake);
  return {
    name: following.name,
    async stop() {
      redis.off('ready', following.wake);
      await following.stop();
    },
  };
}
