/** Pause, resume, stop and resume at random moments, while processes are killed. */

import { sleep } from '../../../src/kit/clock.ts';
import type { Scenario } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';

const rounds = { short: 3, full: 50 };
/** More rows than are sent meanwhile, also if the commands are slow, so that the campaign never finishes early. */
const rowsOf = { short: 4000, full: 20_000 };
/** Calls in flight when a campaign is halted have ended after this time. */
const IN_FLIGHT_MS = 300;
const MAX_DELAY_MS = 900;

export const control: Scenario = {
  name: 'pause, resume, stop, resume',
  description: 'each at a random moment, a kill -9 in every second round; a halted campaign sends no calls',
  processes: 2,
  async play(testbed, size, processes) {
    const rows = rowsOf[size];
    const id = await testbed.startCampaign(rows);
    const problems: string[] = [];
    const randomBelow = (max: number) => Math.floor(testbed.random() * max);
    const halt = async (command: 'pause' | 'stop') => {
      await sleep(randomBelow(MAX_DELAY_MS));
      await testbed.run(command, id, '--reason', 'chaos');
      await sleep(IN_FLIGHT_MS);
      const before = creates(testbed);
      await sleep(randomBelow(MAX_DELAY_MS));
      const more = creates(testbed) - before;
      if (more > 0) problems.push(`${more} calls were sent after ${command}`);
      const { rows: accepted, pending, stopped, ...states } = await testbed.campaign(id);
      const { done, skipped, rejected, failed, unknown } = states;
      const sum = done + skipped + rejected + failed + unknown + stopped + pending;
      if (sum !== accepted || accepted !== rows) {
        problems.push(`the counters add up to ${sum} of ${accepted} rows`);
      }
    };

    let kills = 0;
    const kill = async () => {
      const victim = processes.workers[randomBelow(2)];
      await victim?.kill();
      victim?.start();
      kills += 1;
    };
    for (let n = 0; n < rounds[size]; n += 1) {
      await halt('pause');
      if (n % 4 === 1) await kill();
      await testbed.run('resume', id, '--detach');
      if (n % 4 === 3) {
        await sleep(randomBelow(MAX_DELAY_MS));
        await kill();
      }
      await halt('stop');
      await testbed.run('resume', id, '--detach');
    }
    // All faults are injected; the remaining rows may be fast.
    testbed.sandbox.setLatency({ latencyMs: 10 });
    await testbed.waitForEnd(id, 300_000);
    return { id, rows, kills, problems, figures: { 'pauses and stops': String(2 * rounds[size]) } };
  },
};

function creates({ sandbox }: Testbed): number {
  return sandbox.witness.count('create');
}
