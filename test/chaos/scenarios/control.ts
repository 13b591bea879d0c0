/** Pause, resume, stop and resume at random moments, with processes dying in between. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const cycles = { short: 3, full: 50 };
/** More than are done meanwhile, so that there is always something to halt. */
const campaign = { short: 1500, full: 20_000 };
/** Calls that are out when a campaign is halted are answered by then. */
const SETTLED_MS = 300;
const LONGEST_MS = 900;

export const control: Scenario = {
  name: 'pause, resume, stop, resume',
  about: 'each at a random moment, a kill -9 in every second round; while halted nobody is called',
  processes: 2,
  async act(world, size, crew) {
    const rows = campaign[size];
    const id = await world.order(rows);
    const problems: string[] = [];
    const dice = (most: number) => Math.floor(world.random() * most);
    const halt = async (command: 'pause' | 'stop') => {
      await sleep(dice(LONGEST_MS));
      await world.run(command, id, '--reason', 'by the dice');
      await sleep(SETTLED_MS);
      const before = calls(world);
      await sleep(dice(LONGEST_MS));
      const more = calls(world) - before;
      if (more > 0) problems.push(`${more} were called after ${command}`);
      const { rows: all, pending, stopped, ...states } = await world.campaign(id);
      const { done, skipped, rejected, failed, unknown } = states;
      const sum = done + skipped + rejected + failed + unknown + stopped + pending;
      if (sum !== all || all !== rows) problems.push(`${sum} of ${all} rows are accounted for`);
    };

    let kills = 0;
    const kill = async () => {
      const victim = crew.members[dice(2)];
      await victim?.kill();
      victim?.start();
      kills += 1;
    };
    for (let n = 0; n < cycles[size]; n += 1) {
      await halt('pause');
      if (n % 4 === 1) await kill();
      await world.run('resume', id, '--detach');
      if (n % 4 === 3) {
        await sleep(dice(LONGEST_MS));
        await kill();
      }
      await halt('stop');
      await world.run('resume', id, '--detach');
    }
    await world.over(id, 300_000);
    return { id, rows, kills, problems, figures: { halts: String(2 * cycles[size]) } };
  },
};

function calls({ sandbox }: World): number {
  return sandbox.witness.count('create');
}
