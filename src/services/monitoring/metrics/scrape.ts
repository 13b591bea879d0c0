/** Serves `/metrics`, also during a Redis outage, when the process's own metrics matter most. */

import type { Clock } from '../../../kit/clock.ts';
import { withDeadline } from '../../../kit/deadline.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { ProgramsFile } from '../../../programs/file/programs.ts';
import type { Stores } from '../../stores.ts';
import { readRedisState, setGauges } from './gauges.ts';
import type { Metrics } from './metrics.ts';

/** Prometheus gives up after 10 s. */
const REDIS_TIMEOUT_MS = 2000;

interface Deps {
  metrics: Metrics;
  stores: Stores;
  /** Has the programs that draw voucher codes, and the schedules that may need a decision. */
  file: ProgramsFile;
  clock: Clock;
  log: Logger;
}

/** Returns all metrics as text. */
export async function scrape({ metrics, stores, file, clock, log }: Deps): Promise<string> {
  const state =
    stores.redis.status === 'ready'
      ? await withDeadline(
          REDIS_TIMEOUT_MS,
          () => readRedisState(stores, file, clock()),
          () => new Error(`Redis did not answer within ${REDIS_TIMEOUT_MS} ms`),
        ).catch((error: unknown): undefined => {
          log.warn({ event: 'metrics.read-failed', err: error });
        })
      : undefined;
  metrics.own.redisUp.set(state === undefined ? 0 : 1);
  // Stale values would look current.
  if (state === undefined) metrics.clearShared();
  else setGauges(metrics.shared, state);
  return metrics.registry.metrics();
}
