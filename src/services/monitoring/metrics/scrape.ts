/** What `/metrics` answers: also while Redis does not, since that is when somebody looks. */

import type { ProgramsFile } from '../../../programs/file/programs.ts';
import { type Clock, sleep } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { Stores } from '../../stores.ts';
import { type Facts, readFacts, tellFacts } from './facts.ts';
import type { Metrics } from './metrics.ts';

/** Prometheus gives up after 10 s. */
const REDIS_MS = 2000;

interface Deps {
  metrics: Metrics;
  stores: Stores;
  /** With the programs that draw voucher codes, and the schedules that may ask. */
  file: ProgramsFile;
  clock: Clock;
  log: Logger;
}

/** All metrics as text. */
export async function scrape({ metrics, stores, file, clock, log }: Deps): Promise<string> {
  const isThere = stores.redis.status === 'ready';
  const facts = isThere ? await inTime(readFacts(stores, file, clock()), log) : undefined;
  metrics.own.redisUp.set(facts === undefined ? 0 : 1);
  // What was true before would be taken for what is.
  if (facts === undefined) metrics.forgetShared();
  else tellFacts(metrics.shared, facts);
  return metrics.registry.metrics();
}

/** Undefined where they cannot be had in time. */
async function inTime(reading: Promise<Facts>, log: Logger): Promise<Facts | undefined> {
  const over = new AbortController();
  const unread = (error: unknown): undefined => {
    log.warn({ event: 'metrics.unread', err: error });
  };
  const found = await Promise.race([
    reading.catch(unread),
    sleep(REDIS_MS, over.signal).then(() => undefined),
  ]);
  over.abort();
  return found;
}
