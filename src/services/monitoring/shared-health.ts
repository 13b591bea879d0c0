/** Reads the health for the pages and probes of one process: however many ask, Redis is asked once a second. */

import type { Health } from '../../domain/monitoring/health.ts';
import { monotonicClock } from '../../kit/clock.ts';
import { blockedBy, readSituation } from './situation.ts';
import { redisAway } from './blockers.ts';
import type { WaitStores } from './wait-facts.ts';

export type ReadHealth = () => Promise<Health>;

const REUSED_MS = 1000;
/** A page is not held up for longer by its frame. */
const ANSWER_MS = 1000;

/** `redisAnswers`: see `makeAnswerCheck`; commands must not pile up behind a Redis that hangs. */
export function makeSharedHealth(stores: WaitStores, redisAnswers: () => Promise<boolean>): ReadHealth {
  let last: { at: number; health: Promise<Health> } | undefined;

  const read = async (): Promise<Health> => {
    if (!(await redisAnswers())) return blockedBy(redisAway).health;
    return (await readSituation(stores, [], ANSWER_MS)).health;
  };

  return () => {
    if (last === undefined || monotonicClock() - last.at >= REUSED_MS) {
      last = { at: monotonicClock(), health: read() };
    }
    return last.health;
  };
}
