/** One contestant's run, and what all of its processes used while the clock ran. */

import { setTimeout as sleep } from 'node:timers/promises';
import { inArena } from './arena.mjs';
import { endedEarly } from './child.mjs';
import { cpuMsOf, peakBytesOf } from './proc.mjs';

/** Many times what the slowest takes; what is not home by then is lost. */
const RUN_MS = 90_000;
/** Calls that nobody needs any more would come by then. */
const AFTERMATH_MS = 300;

/** Runs it once; `heat` is {latencyMs, warmUp, calls}. */
export function holdContest(contestant, heat) {
  return inArena(contestant.broker, heat, async (arena) => {
    const { server, broker, children } = arena;
    const team = await contestant.start(arena);
    const use = () => useOf(team, broker);
    const span = Promise.all([server.begun.then(use), server.ended.then(use)]);
    await within(RUN_MS, [Promise.all([span, server.home]), ...children.map(endedEarly)]);
    await sleep(AFTERMATH_MS);
    const uses = await within(0, [span]);
    const peakBytes = peakBytesOf(pidsOf(team));
    const figures = await server.figures();
    if (uses === undefined) throw new Error(`only ${figures.arrived} calls came`);
    return { ...figures, ...costOf(heat, ...uses), peakBytes, broker: broker?.name };
  });
}

/** The first of these, or undefined when the time is over. */
async function within(ms, promises) {
  const over = new AbortController();
  const time = sleep(ms, undefined, { signal: over.signal });
  return Promise.race([...promises, time]).finally(() => over.abort());
}

async function useOf(team, broker) {
  return {
    workerMs: cpuMsOf(pidsOf(team)),
    helperMs: cpuMsOf(team.helpers.map(({ pid }) => pid)),
    brokerMs: broker === undefined ? undefined : cpuMsOf(broker.pids()),
    commands: await broker?.commands?.(),
  };
}

function pidsOf({ workers, helpers }) {
  return [...workers, ...helpers].map(({ pid }) => pid);
}

/** Seconds of processor for 1,000 calls, which are milliseconds for one, and commands for one. */
function costOf({ calls }, before, after) {
  const each = (name) => (after[name] - before[name]) / calls;
  return {
    workerCpu: each('workerMs'),
    helperCpu: each('helperMs'),
    brokerCpu: after.brokerMs === undefined ? undefined : each('brokerMs'),
    commands: after.commands === undefined ? undefined : each('commands'),
  };
}
