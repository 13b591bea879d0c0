/**
 * Measures how long no call is made after the only worker ends, as the server saw it: calls take 100 ms, so one
 * arrives every 10 ms, and the longest gap is reported. A replacement worker is started at the same moment.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { withTestbed } from './testbed.mjs';

const WORKLOAD = { latencyMs: 100, warmUp: 100, calls: 500 };
/** The worker is ended after this many calls have arrived. */
const END_AFTER_CALLS = 200;
/** BullMQ with its defaults may need 91 s. */
const RUN_MS = 150_000;
/** Customers whose create may have been sent: passbridge holds these until an operator decides. */
const MAX_HELD = 20;
/** The run is over after this long without a call, once all customers but those held have been served. */
const QUIET_MS = 1500;

/** Ends the worker with `signal`; resolves with {gapSeconds, duplicated, notWrittenBack}. */
export function measureRecovery(contestant, signal) {
  return withTestbed(contestant.broker, WORKLOAD, async (testbed) => {
    const { server, jobs } = testbed;
    const processes = await contestant.start(testbed);
    await until(async () => (await server.figures()).arrived >= END_AFTER_CALLS);
    processes.workers[0].kill(signal);
    const replacement = processes.startReplacement();
    await until(async () => (await server.figures()).customers >= jobs - MAX_HELD);
    await replacement;
    await sleep(QUIET_MS);
    const { gapSeconds, duplicated, lost } = await server.figures();
    return { gapSeconds, duplicated, notWrittenBack: lost };
  });
}

async function until(condition) {
  const deadline = performance.now() + RUN_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`no recovery within ${RUN_MS / 1000} s`);
    await sleep(20);
  }
}
