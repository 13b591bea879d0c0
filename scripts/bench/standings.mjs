/** Summarizes the runs of a race: medians over the rounds, for each contestant at each latency. */

import { median, spread } from './statistics.mjs';
import { physicalLimit, SLOTS } from './workload.mjs';

/**
 * Summarizes the runs of one contestant at one latency; undefined if all of them failed. `limits` are the runs of
 * *limit* at the same latency.
 */
export function standingOf(runs, limits, latencyMs) {
  const completed = runs.filter(({ figures }) => figures !== undefined);
  /** @returns {number[]} */
  const all = (name) => completed.map(({ figures }) => figures[name]).filter((value) => value !== undefined);
  const medianOf = (name) => (all(name).length === 0 ? undefined : median(all(name)));
  const rate = spread(all('callsPerSecond'));
  if (rate === undefined) return undefined;
  const shares = completed.flatMap(({ round, figures }) => {
    const limit = limits.find((other) => other.round === round)?.figures;
    return limit === undefined ? [] : [figures.callsPerSecond / limit.callsPerSecond];
  });
  const occupied = medianOf('inFlight');
  return {
    rounds: completed.length,
    failedRounds: runs.length - completed.length,
    rate,
    /** Ratio to *limit* in the same round. */
    share: spread(shares),
    /** Share of what ten slots allow at this latency; undefined at 0 ms. */
    utilization: latencyMs === 0 ? undefined : rate.median / physicalLimit(latencyMs),
    /** Share of the slots in use, as the server saw them. */
    occupied: occupied === undefined ? undefined : occupied / SLOTS,
    maxInFlight: Math.max(...all('maxInFlight')),
    writtenBackSeconds: medianOf('writtenBackSeconds'),
    workerCpu: medianOf('workerCpu'),
    helperCpu: medianOf('helperCpu'),
    brokerCpu: medianOf('brokerCpu'),
    commands: medianOf('commands'),
    peakBytes: Math.max(...all('peakBytes')),
    lost: sum(all('lost')),
    duplicated: sum(all('duplicated')),
    wrong: sum(all('wrong')),
  };
}

/** Summarizes a race as {latencyMs, standings: [{name, isDurable, standing}]} for each latency. */
export function standingsOf(runs, contestants, latencies) {
  return latencies.map((latencyMs) => {
    const runsOf = (name) => runs.filter((run) => run.contestant === name && run.latencyMs === latencyMs);
    const standings = contestants.map(({ name, isDurable }) => ({
      name,
      isDurable,
      standing: standingOf(runsOf(name), runsOf('limit'), latencyMs),
    }));
    return { latencyMs, standings };
  });
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
