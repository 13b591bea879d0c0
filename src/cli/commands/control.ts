/** `passbridge pause|resume|stop <campaign>`. */

import { haltCampaign, programNow, resumeCampaign } from '../../services/campaigns/control.ts';
import { openProcess } from '../../app/process.ts';
import { loadConfig } from '../../config/load.ts';
import { loadProgramsFile } from '../../programs/file/programs.ts';
import { localAction } from './act.ts';
import type { ExitCode } from '../exit-code.ts';
import { followToSummary } from './run-campaign.ts';
import { describeCampaign } from '../output/summary.ts';
import { host, interruption, makeFileLogger, say } from '../output/terminal.ts';

/** Halts a campaign, and shows how it stands. */
export async function halt(
  id: string,
  to: 'paused' | 'stopped',
  { reason }: { reason?: string },
): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    say(describeCampaign(await haltCampaign(passbridge.stores, id, to, localAction(reason))));
    return 0;
  } finally {
    await passbridge.close();
  }
}

export interface ResumeFlags {
  detach: boolean;
  /** Whether it goes by what the programs file says now. */
  latestProgram: boolean;
  reason?: string | undefined;
}

/** Lets a campaign run again, and follows it where nobody else works the queue. */
export async function resume(id: string, { detach, latestProgram, reason }: ResumeFlags): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd(), need: ['passmachine', 'bloomreach'] });
  const file = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    const latest = latestProgram ? await programNow(passbridge.stores, file, id) : undefined;
    const campaign = await resumeCampaign(passbridge.stores, id, localAction(reason), latest);
    const workers = await passbridge.stores.passQueue.workers();
    if (workers === 0 && !detach) {
      return await followToSummary({ passbridge, config, file, campaign: id, signal: interruption() });
    }
    say(describeCampaign(campaign));
    return 0;
  } finally {
    await passbridge.close();
  }
}
