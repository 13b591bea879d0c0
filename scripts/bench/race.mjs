/**
 * The race: in each round every contestant runs once at each latency, and each round begins with
 * another of them, so that what else the machine does, and who ran before, meets all of them alike.
 */

import { holdContest } from './contest.mjs';
import { heatOf } from './heats.mjs';

/** Runs all; `told` hears of each run as {contestant, latencyMs, round, figures | problem}. */
export async function holdRace({ contestants, latencies, rounds, share }, told) {
  const runs = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const latencyMs of latencies) {
      const heat = heatOf(latencyMs, share);
      for (const contestant of rotated(contestants, round)) {
        const run = { contestant: contestant.name, latencyMs, round, ...(await outcomeOf(contestant, heat)) };
        runs.push(run);
        told(run);
      }
    }
  }
  return runs;
}

/** A contestant that fails is told of, and the race goes on. */
async function outcomeOf(contestant, heat) {
  try {
    return { figures: await holdContest(contestant, heat) };
  } catch (error) {
    return { problem: String(error.message) };
  }
}

function rotated(list, by) {
  const first = by % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}
