/** Runs the contestants: one run of one contestant, and the rounds of the race. */

import { setTimeout as sleep } from 'node:timers/promises';
import { rejectOnExit } from './child.mjs';
import { cpuMsOf, peakBytesOf } from './proc.mjs';
import { withTestbed } from './testbed.mjs';
import { workloadOf } from './workload.mjs';

/** Many times the duration of the slowest contestant. Results not written back by then count as lost. */
const RUN_MS = 90_000;
/** Superfluous calls would arrive within this time after the last expected one. */
const SETTLE_MS = 300;

/**
 * Runs `rounds` rounds. In each, every contestant runs once at each latency, and each round starts with the next
 * contestant, so that other load on the machine and the order of runs affect all of them alike. `report` receives
 * every run as {contestant, latencyMs, round, figures | problem}.
 */
export async function runRace({ contestants, latencies, rounds, share }, report) {
  const runs = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const latencyMs of latencies) {
      const workload = workloadOf(latencyMs, share);
      for (const contestant of rotated(contestants, round)) {
        const run = {
          contestant: contestant.name,
          latencyMs,
          round,
          ...(await tryContest(contestant, workload)),
        };
        runs.push(run);
        report(run);
      }
    }
  }
  return runs;
}

/** Returns a failure as `problem`, so that the race continues. */
async function tryContest(contestant, workload) {
  try {
    return { figures: await runContest(contestant, workload) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs a contestant once and returns what the server saw and what its processes used while the clock ran. */
function runContest(contestant, workload) {
  return withTestbed(contestant.broker, workload, async (testbed) => {
    const { server, broker, children } = testbed;
    const processes = await contestant.start(testbed);
    const measure = () => usageOf(processes, broker);
    const span = Promise.all([server.started.then(measure), server.finished.then(measure)]);
    await within(RUN_MS, [Promise.all([span, server.writtenBack]), ...children.map(rejectOnExit)]);
    await sleep(SETTLE_MS);
    const usage = await within(0, [span]);
    const peakBytes = peakBytesOf(pidsOf(processes));
    const figures = await server.figures();
    if (usage === undefined)
      throw new Error(`only ${figures.arrived} calls arrived within ${RUN_MS / 1000} s`);
    return { ...figures, ...costOf(workload, ...usage), peakBytes, broker: broker?.name };
  });
}

/**
 * Resolves with the first of the promises, or with undefined on timeout.
 * @template T
 * @param {number} ms
 * @param {Promise<T>[]} promises
 */
async function within(ms, promises) {
  const cancel = new AbortController();
  const timeout = sleep(ms, undefined, { signal: cancel.signal });
  return Promise.race([...promises, timeout]).finally(() => cancel.abort());
}

async function usageOf(processes, broker) {
  return {
    workerMs: cpuMsOf(pidsOf(processes)),
    helperMs: cpuMsOf(processes.helpers.map(({ pid }) => pid)),
    brokerMs: broker === undefined ? undefined : cpuMsOf(broker.pids()),
    commands: await broker?.commands?.(),
  };
}

function pidsOf({ workers, helpers }) {
  return [...workers, ...helpers].map(({ pid }) => pid);
}

/** Returns CPU milliseconds per call, which equal seconds per 1,000 calls, and broker commands per call. */
function costOf({ calls }, before, after) {
  const perCall = (name) => (after[name] - before[name]) / calls;
  return {
    workerCpu: perCall('workerMs'),
    helperCpu: perCall('helperMs'),
    brokerCpu: after.brokerMs === undefined ? undefined : perCall('brokerMs'),
    commands: after.commands === undefined ? undefined : perCall('commands'),
  };
}

function rotated(list, by) {
  const first = by % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}
