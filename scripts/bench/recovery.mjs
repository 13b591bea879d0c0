/**
 * How long nobody calls after the only worker's end, as the server saw it: the longest time without a
 * call, while calls take 100 ms and come every 10 ms. Another worker is started in the same moment.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { inArena } from './arena.mjs';

const HEAT = { latencyMs: 100, warmUp: 100, calls: 500 };
/** Calls that have come when the worker is ended. */
const END_AT = 200;
/** BullMQ by its defaults may need 91 s. */
const RUN_MS = 150_000;
/** Of customers whose create may have been sent; passbridge calls for them no more until a person says so. */
const MOST_HELD = 20;
/** So long without a call, and with all customers served but those that are held, and it is over. */
const QUIET_MS = 1500;

/** Ends the worker by `signal`; resolves with {gapSeconds, doubled, unsaved}. */
export function measureRecovery(contestant, signal) {
  return inArena(contestant.broker, HEAT, async (arena) => {
    const { server, jobs } = arena;
    const team = await contestant.start(arena);
    await until(async () => (await server.figures()).arrived >= END_AT);
    team.workers[0].kill(signal);
    const another = team.another();
    await until(async () => (await server.figures()).customers >= jobs - MOST_HELD);
    await another;
    await sleep(QUIET_MS);
    const { gapSeconds, doubled, lost } = await server.figures();
    return { gapSeconds, doubled, unsaved: lost };
  });
}

async function until(holds) {
  const deadline = performance.now() + RUN_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${RUN_MS / 1000} s`);
    await sleep(20);
  }
}
