/** What the runs of a race come to: for each contestant and latency the medians over its rounds. */

import { physicalLimit, SLOTS } from './heats.mjs';
import { median, spread } from './statistics.mjs';

/** Of one contestant at one latency; `limits` are the runs of *limit* at the same latency. */
export function standingOf(runs, limits, latencyMs) {
  const ran = runs.filter(({ figures }) => figures !== undefined);
  if (ran.length === 0) return undefined;
  const all = (name) => ran.map(({ figures }) => figures[name]).filter((value) => value !== undefined);
  const middle = (name) => (all(name).length === 0 ? undefined : median(all(name)));
  const rate = spread(all('callsPerSecond'));
  const shares = ran.flatMap(({ round, figures }) => {
    const limit = limits.find((other) => other.round === round)?.figures;
    return limit === undefined ? [] : [figures.callsPerSecond / limit.callsPerSecond];
  });
  return {
    rounds: ran.length,
    failedRounds: runs.length - ran.length,
    rate,
    /** Of *limit* in the same round. */
    share: spread(shares),
    /** Of what ten slots allow at this latency; undefined where it is 0. */
    utilisation: latencyMs === 0 ? undefined : rate.median / physicalLimit(latencyMs),
    /** Of the slots that were taken, as the server saw them. */
    occupied: middle('inFlight') / SLOTS,
    mostInFlight: Math.max(...all('mostInFlight')),
    homeSeconds: middle('homeSeconds'),
    workerCpu: middle('workerCpu'),
    helperCpu: middle('helperCpu'),
    brokerCpu: middle('brokerCpu'),
    commands: middle('commands'),
    peakBytes: Math.max(...all('peakBytes')),
    lost: sum(all('lost')),
    doubled: sum(all('doubled')),
    wrong: sum(all('wrong')),
  };
}

/** Of a whole race: {latencyMs, standings: [{name, isDurable, standing}]} for each latency. */
export function standingsOf(runs, contestants, latencies) {
  return latencies.map((latencyMs) => {
    const of = (name) => runs.filter((run) => run.contestant === name && run.latencyMs === latencyMs);
    const standings = contestants.map(({ name, isDurable }) => ({
      name,
      isDurable,
      standing: standingOf(of(name), of('limit'), latencyMs),
    }));
    return { latencyMs, standings };
  });
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
