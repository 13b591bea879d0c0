/** Serves `/metrics`, also during a Redis outage, when the process's own metrics matter most. */

import { type Clock, monotonicClock } from '../../../kit/clock.ts';
import { withDeadline } from '../../../kit/deadline.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { ProgramsFile } from '../../../programs/file/programs.ts';
import type { Stores } from '../../stores.ts';
import { readRedisState, type RedisState, setGauges } from './gauges.ts';
import type { Metrics } from './metrics.ts';

/** Prometheus gives up after 10 s, other readers earlier. */
const REDIS_TIMEOUT_MS = 1500;

interface Deps {
  metrics: Metrics;
  stores: Stores;
  clock: Clock;
  log: Logger;
}

/**
 * Returns the function that reads all metrics as text. `file` has the programs that draw voucher codes, and the schedules
 * that may need a decision.
 */
export function makeScrape({ metrics, stores, clock, log }: Deps): (file: ProgramsFile) => Promise<string> {
  /** A read that hangs is not repeated: Redis would get all of them at once later. */
  let reading: { since: number; state: Promise<RedisState> } | undefined;

  const readState = async (file: ProgramsFile): Promise<RedisState | undefined> => {
    if (stores.redis.status !== 'ready') return undefined;
    reading ??= {
      since: monotonicClock(),
      state: readRedisState(stores, file, clock()).finally(() => (reading = undefined)),
    };
    const { since, state } = reading;
    const left = since + REDIS_TIMEOUT_MS - monotonicClock();
    if (left <= 0) return undefined;
    return withDeadline(
      left,
      () => state,
      () => new Error(`Redis did not answer within ${REDIS_TIMEOUT_MS} ms`),
    ).catch((error: unknown): undefined => {
      log.warn({ event: 'metrics.read-failed', err: error });
    });
  };

  return async (file) => {
    const state = await readState(file);
    metrics.own.redisUp.set(state === undefined ? 0 : 1);
    // Stale values would look current.
    if (state === undefined) metrics.clearShared();
    else setGauges(metrics.shared, state);
    return metrics.registry.metrics();
  };
}
