/** `passbridge pause|resume|stop <campaign>`. */

import { type Act, haltCampaign, resumeCampaign, thisUser } from '../app/control.ts';
import { openProcess } from '../app/process.ts';
import { loadConfig } from '../config/load.ts';
import { loadPrograms } from '../config/programs.ts';
import type { ExitCode } from './exit-code.ts';
import { followToSummary } from './run-campaign.ts';
import { describeCampaign } from './summary.ts';
import { host, interruption, makeFileLogger, say } from './terminal.ts';

/** Halts a campaign, and shows how it stands. */
export async function halt(
  id: string,
  to: 'paused' | 'stopped',
  { reason = '' }: { reason?: string },
): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    const act: Act = { by: thisUser(), reason };
    say(describeCampaign(await haltCampaign(passbridge.stores, id, to, act)));
    return 0;
  } finally {
    await passbridge.close();
  }
}

/** Lets a campaign run again, and follows it where nobody else works the queue. */
export async function resume(id: string, { detach }: { detach: boolean }): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd(), need: ['passmachine', 'bloomreach'] });
  const programs = loadPrograms(config.files.programs);
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    const campaign = await resumeCampaign(passbridge.stores, id);
    const workers = await passbridge.stores.passQueue.workers();
    if (workers === 0 && !detach) {
      return await followToSummary({ passbridge, config, programs, campaign: id, signal: interruption() });
    }
    say(describeCampaign(campaign));
    return 0;
  } finally {
    await passbridge.close();
  }
}
