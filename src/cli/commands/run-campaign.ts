/** Follows a campaign to its end in the foreground, and works the queue itself where nobody else does. */

import { start } from '../../services/campaigns/campaigns.ts';
import type { WorkerConfig } from '../../app/assemble.ts';
import type { PassbridgeProcess } from '../../app/process.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import type { Program } from '../../domain/jobs/program.ts';
import { localAction } from './act.ts';
import type { ExitCode } from '../exit-code.ts';
import { followCampaign, isOver } from '../output/progress.ts';
import { describeCampaign, describeCauses, endedWell } from '../output/summary.ts';
import { say } from '../output/terminal.ts';

interface FollowOptions {
  passbridge: PassbridgeProcess;
  config: WorkerConfig;
  file: ProgramsFile;
  /** Its id. */
  campaign: string;
  signal: AbortSignal;
}

type RunOptions = Omit<FollowOptions, 'campaign'> & { order: CampaignOrder; program: Program };

/** Starts an ordered campaign, shows its progress and prints its summary. */
export async function runCampaign({ order, program, ...options }: RunOptions): Promise<ExitCode> {
  await start(options.passbridge.stores, order, program, localAction());
  return followToSummary({ ...options, campaign: order.id });
}

/** Shows a campaign's progress until it is over or the signal aborts, then its summary. */
export async function followToSummary(options: FollowOptions): Promise<ExitCode> {
  const { passbridge, config, file, campaign: id, signal } = options;
  const { stores } = passbridge;
  const startedAt = Date.now();
  let helps = { worker: false, feeder: false };

  /** Another process may take the work, or die with it, at any moment. */
  const lendAHand = async () => {
    const [workers, feeders] = await Promise.all([
      stores.passQueue.workers(),
      stores.campaignQueue.feeders(),
    ]);
    if (workers === 0 && !helps.worker) {
      helps = { ...helps, worker: true };
      await passbridge.startWorker(config, file);
    }
    if (feeders === 0 && !helps.feeder) {
      helps = { ...helps, feeder: true };
      await passbridge.startFeeder(file);
    }
  };

  const campaign = await followCampaign({
    find: () => stores.campaigns.find(id),
    // An order to send failures again counts as work that is not over.
    isOver: async (found) => isOver(found) && (await stores.campaignQueue.pending()) === 0,
    everySecond: lendAHand,
    signal,
    stream: process.stdout,
  });

  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const causes = describeCauses(await stores.campaigns.failures(id));
  say(
    `${describeCampaign(campaign)}\n  in ${seconds} s${causes === '' ? '' : `\n\n${causes}\nRow by row: passbridge results ${id}`}`,
  );
  if (!isOver(campaign)) {
    say('\nInterrupted. Nothing is lost: `passbridge up` goes on where this stopped.');
    return 130;
  }
  return endedWell(campaign) ? 0 : 1;
}
