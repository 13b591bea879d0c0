/** Follows a campaign to its end in the foreground, and works the queue in this process if no other does. */

import type { WorkerConfig } from '../app/assemble.ts';
import type { PassbridgeProcess } from '../app/process.ts';
import type { Campaign } from '../domain/campaigns/campaign.ts';
import { describeWait, reasonsOf } from '../domain/monitoring/wait-reason.ts';
import { monotonicClock } from '../kit/clock.ts';
import type { ProgramsFile } from '../programs/file/programs.ts';
import { type ExitCode, outlastRedis } from './command.ts';
import { followCampaign, isOver } from './output/progress.ts';
import { publicCampaign, publicCauses } from './output/public-campaign.ts';
import { describeCampaign, describeCauses, succeeded } from './output/summary.ts';
import { readSituation } from '../services/monitoring/situation.ts';
import { commandIo } from './command-io.ts';
import { host, say } from './output/terminal.ts';

const usualHints: Hints = {
  command: (args) => `passbridge ${args}`,
  interrupted: 'Interrupted. Nothing is lost: `passbridge up` continues where this command stopped.',
};

interface FollowOptions {
  passbridge: PassbridgeProcess;
  config: WorkerConfig;
  file: ProgramsFile;
  /** Id of the campaign. */
  campaign: string;
  signal: AbortSignal;
  /** Prints the summary as JSON. */
  json?: boolean | undefined;
  hints?: Hints;
}

interface Hints {
  /** Returns how the user calls `passbridge` with some arguments on this store. */
  command: (args: string) => string;
  /** What happens to the rest of the campaign after an interruption. */
  interrupted: string;
}

/** Shows the progress of a campaign until it is over or the signal aborts, then its summary. */
export async function followToSummary(options: FollowOptions): Promise<ExitCode> {
  const { passbridge, config, file, campaign: id, signal, json, hints = usualHints } = options;
  const { stores, log } = passbridge;
  outlastRedis(passbridge);
  // In the turn of the signal, so that no call begins after it.
  signal.addEventListener('abort', passbridge.quiesce, { once: true });
  const startedAt = monotonicClock();
  const started = { worker: false, feeder: false };

  /** Checked every second, because another process may start, or stop with work left, at any moment. */
  const startMissingParts = async () => {
    const [workers, feeders] = await Promise.all([
      stores.passQueue.workers(),
      stores.campaignQueue.feeders(),
    ]);
    if (workers === 0 && !started.worker) {
      started.worker = true;
      await passbridge.startWorker(config, file);
    }
    if (feeders === 0 && !started.feeder) {
      started.feeder = true;
      await passbridge.startFeeder(file);
    }
  };

  const reported = new Set<string>();
  /** Each cause is logged once, and printed once if no bar shows it. */
  const waitsFor = async (campaign: Campaign | undefined) => {
    const { waits } = await readSituation(stores, campaign === undefined ? [] : [campaign]);
    const own = reasonsOf(waits, id);
    for (const reason of own) {
      const { cause, text } = reason;
      if (reported.has(cause)) continue;
      reported.add(cause);
      log.warn({ event: 'campaign.waiting', campaign: id, cause }, text);
      if (commandIo().stdout.isTTY !== true) host.say(describeWait(reason));
    }
    return own.map(({ text }) => text);
  };

  const campaign = await followCampaign({
    find: () => stores.campaigns.find(id),
    // A bulk action that has not run yet may requeue failures of the campaign.
    isOver: async (found) => isOver(found) && (await stores.campaignQueue.pending()) === 0,
    everySecond: startMissingParts,
    waitsFor,
    signal,
    stream: commandIo().stdout,
    say: host.say,
  });

  if (campaign === undefined) {
    host.say(`${hints.interrupted} Redis does not answer.`);
    return 130;
  }
  const seconds = ((monotonicClock() - startedAt) / 1000).toFixed(1);
  const failures = await stores.campaigns.failures(id);
  if (json === true) {
    const summary = {
      campaign: publicCampaign(campaign),
      causes: publicCauses(failures),
      seconds: Number(seconds),
    };
    say(JSON.stringify(summary));
  } else {
    const causes = describeCauses(failures);
    say(
      `${describeCampaign(campaign)}\n  in ${seconds} s${causes === '' ? '' : `\n\n${causes}\nRow by row: ${hints.command(`results ${id}`)}`}`,
    );
  }
  if (!isOver(campaign)) {
    (json === true ? host.say : say)(`\n${hints.interrupted}`);
    return 130;
  }
  return succeeded(campaign) ? 0 : 1;
}
