/**
 * Passmachine answers every call, or every create, with an error for a while in mid-campaign. Cards are made all the
 * same, so each create that is sent may be one more unknown row: their number must depend neither on the processes nor
 * on their restarts.
 */

import { sleep } from '../../../src/kit/clock.ts';
import { MAX_IN_FLIGHT, type Scenario, type Size } from '../scenario.ts';

interface Outage {
  name: string;
  description: string;
  rules: readonly string[];
  /** When trials may start after the first, seconds. */
  trialsAt: readonly number[];
}

const rowsOf: Readonly<Record<Size, number>> = { short: 500, full: 4000 };
const outageMs: Readonly<Record<Size, number>> = { short: 12_000, full: 240_000 };

function outage({ name, description, rules, trialsAt }: Outage): Scenario {
  return {
    name,
    description,
    processes: 2,
    async play({ startCampaign, campaign, addFaults, sandbox, waitForEnd }, size, processes) {
      const rows = rowsOf[size];
      const id = await startCampaign(rows);
      while ((await campaign(id)).done < rows / 10) await sleep(20);
      addFaults(...rules);
      const startedAt = performance.now();
      const secondsSince = () => (performance.now() - startedAt) / 1000;
      await sleep(outageMs[size] / 2);
      // A process that has seen no failure.
      const [restarted] = processes.workers;
      await restarted?.stop();
      restarted?.start();
      await sleep(outageMs[size] / 2);
      sandbox.faults.clear();
      const seconds = secondsSince();
      const { unknown } = await campaign(id);
      await waitForEnd(id, 900_000);
      const trials = trialsAt.filter((at) => at < seconds).length;
      return {
        id,
        rows,
        kills: 0,
        maxUnknown: MAX_IN_FLIGHT + trials,
        figures: { 'unknown after the outage': `${unknown} after ${Math.round(seconds)} s` },
      };
    },
  };
}

export const outages: readonly Scenario[] = [
  outage({
    name: 'every call answered 500',
    description:
      'creates are applied and answered 500, every other call is answered 500, for 4 minutes; a process restarts meanwhile',
    rules: ['create:500-after', 'passmachine:500'],
    trialsAt: [],
  }),
  outage({
    name: 'every create answered 502',
    description:
      'creates are applied and answered 502 for 4 minutes, other calls succeed; a process restarts meanwhile',
    rules: ['create:502-after'],
    trialsAt: [0, 5, 20, 65, 200, 605],
  }),
];
