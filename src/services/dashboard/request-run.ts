/** Running a schedule now, from a process that may not fetch its source: a feeder begins it. */

import type { Act } from '../campaigns/control.ts';
import { sleep } from '../../kit/clock.ts';
import { type AskedRun, askToRun, outcomeOfRun, type SchedulesAtHand } from '../schedules/schedules.ts';

/** How long somebody waits for the campaign's page; after that the run is known to wait for its source. */
const PATIENCE_MS = 4000;
const POLL_MS = 100;

/** Throws a UserError where it comes to nothing. */
export async function askForRun(service: SchedulesAtHand, name: string, act: Act): Promise<AskedRun> {
  return askToRun(service, name, act, async (asked) => {
    const deadline = service.clock() + PATIENCE_MS;
    for (;;) {
      const outcome = await outcomeOfRun(service, asked);
      if (outcome !== undefined) return outcome;
      if (service.clock() > deadline) return { kind: 'waits', campaign: asked.id };
      await sleep(POLL_MS);
    }
  });
}
