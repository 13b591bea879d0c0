/** `passbridge retry`: sends again what failed, and follows it to its end. */

import { startBulkAction } from '../../services/failures/bulk-actions.ts';
import { planRetry, type RetryPlan } from '../../services/failures/retry-plan.ts';
import { causesOf, type Selection } from '../../services/failures/selection.ts';
import type { Stores } from '../../services/stores.ts';
import { openProcess } from '../../app/process.ts';
import { loadConfig } from '../../config/load.ts';
import { loadProgramsFile } from '../../programs/file/programs.ts';
import { localAction } from './act.ts';
import type { ExitCode } from '../exit-code.ts';
import { followToSummary } from './run-campaign.ts';
import { host, interruption, makeFileLogger, say } from '../output/terminal.ts';

interface RetryOptions {
  /** Also creates that may have been made: each could become a second card. */
  unknown: boolean;
  detach: boolean;
}

export async function retry(selection: Selection, { unknown, detach }: RetryOptions): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd(), need: ['passmachine', 'bloomreach'] });
  const file = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    const { stores } = passbridge;
    const plan = await planRetry(stores, selection, { unknown });
    const { campaigns } = plan;
    if (campaigns.length > 0) await order(stores, selection, unknown);
    say(describePlan(plan));
    if (detach || campaigns.length === 0) return 0;

    const signal = interruption();
    const codes: ExitCode[] = [];
    for (const campaign of campaigns) {
      codes.push(await followToSummary({ passbridge, config, file, campaign, signal }));
    }
    return codes.find((code) => code === 130) ?? codes.find((code) => code !== 0) ?? 0;
  } finally {
    await passbridge.close();
  }
}

async function order(stores: Stores, selection: Selection, unknown: boolean): Promise<void> {
  const { campaign } = selection;
  const causes = causesOf(selection);
  const filter = {
    unknown,
    ...(campaign !== undefined && { campaign }),
    ...(causes !== undefined && { causes }),
  };
  await startBulkAction(
    stores,
    { kind: 'retry', filter },
    { ...localAction('passbridge retry'), now: Date.now() },
  );
}

/** What is sent again and what is not, with the way to it. */
function describePlan({ jobs, saves, leftOut }: RetryPlan): string {
  const notFromHere = (leftOut['at-door'] ?? 0) + (leftOut['card-exists'] ?? 0);
  const lines = [
    [jobs, 'calls are made again'],
    [saves, 'write-backs are sent again; their cards exist'],
    [leftOut.unknown ?? 0, 'may have a card: look them up in Passmachine, then add --unknown'],
    [notFromHere, 'cannot be repeated from here: mend the export or the program and issue again'],
    [
      leftOut.halted ?? 0,
      'belong to campaigns that are held, paused or stopped: passbridge resume them first',
    ],
  ] as const;
  const told = lines
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${String(count).padStart(9)}  ${what}`);
  return told.length === 0 ? 'Nothing to send again.' : told.join('\n');
}
