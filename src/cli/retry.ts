/** `passbridge retry`: sends again what failed, and follows it to its end. */

import { retryFailures, type RetryPlan, type Selection } from '../app/failures.ts';
import { openProcess } from '../app/process.ts';
import { loadConfig } from '../config/load.ts';
import { loadPrograms } from '../config/programs.ts';
import type { ExitCode } from './exit-code.ts';
import { followToSummary } from './run-campaign.ts';
import { host, interruption, makeFileLogger, say } from './terminal.ts';

interface RetryOptions {
  /** Also creates that may have been made: each could become a second card. */
  unknown: boolean;
  detach: boolean;
}

export async function retry(selection: Selection, { unknown, detach }: RetryOptions): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd(), need: ['passmachine', 'bloomreach'] });
  const programs = loadPrograms(config.files.programs);
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    const { campaigns, ...plan } = await retryFailures(passbridge.stores, selection, {
      unknown,
      now: Date.now(),
    });
    say(describePlan(plan));
    if (detach || campaigns.length === 0) return 0;

    const signal = interruption();
    const codes: ExitCode[] = [];
    for (const campaign of campaigns) {
      codes.push(await followToSummary({ passbridge, config, programs, campaign, signal }));
    }
    return codes.find((code) => code === 130) ?? codes.find((code) => code !== 0) ?? 0;
  } finally {
    await passbridge.close();
  }
}

/** What is sent again and what is not, with the way to it. */
function describePlan({ jobs, saves, unknown, atDoor, halted }: RetryPlan): string {
  const lines = [
    [jobs, 'calls are made again'],
    [saves, 'write-backs are sent again; their cards exist'],
    [unknown, 'may have a card: look them up in Passmachine, then add --unknown'],
    [atDoor, 'cannot be repeated from here: mend the export or the program and issue again'],
    [halted, 'belong to campaigns that are held, paused or stopped: passbridge resume them first'],
  ] as const;
  const told = lines
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${String(count).padStart(9)}  ${what}`);
  return told.length === 0 ? 'Nothing to send again.' : told.join('\n');
}
