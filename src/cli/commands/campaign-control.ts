/** `passbridge pause|stop|resume|reschedule <campaign>`. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { type DeclareCommand, type ExitCode, localAction, withPassbridge } from '../command.ts';
import { publicCampaign } from '../output/public-campaign.ts';
import { describeCampaign } from '../output/summary.ts';
import { interruption, say } from '../output/terminal.ts';

const halts = [
  ['pause', 'paused', 'pause a campaign until it is resumed'],
  ['stop', 'stopped', 'stop a campaign; unsent rows count as stopped'],
] as const;

interface ResumeFlags {
  detach?: boolean;
  latestProgram?: boolean;
  reason?: string;
  json?: boolean;
}

interface HaltFlags {
  reason?: string;
  json?: boolean;
}

const JSON_FLAG = ['--json', 'print JSON'] as const;

export const declareCampaignControl: DeclareCommand = (program, ended) => {
  for (const [name, to, description] of halts) {
    program
      .command(name)
      .description(description)
      .argument('<campaign>', 'id of the campaign')
      .option('--reason <text>', 'recorded in the audit and shown with the campaign')
      .option(...JSON_FLAG)
      .action(async (id: string, flags: HaltFlags) => ended(await halt(id, to, flags)));
  }

  program
    .command('resume')
    .description('continue a held, paused or stopped campaign where it left off; start a planned one now')
    .argument('<campaign>', 'id of the campaign')
    .option('--detach', 'leave the work to `passbridge up`')
    .option('--latest-program', 'use the current programs file, not the version from the start')
    .option('--reason <text>', 'recorded in the audit')
    .option(...JSON_FLAG)
    .action(async (id: string, flags: ResumeFlags) => ended(await resume(id, flags)));

  program
    .command('reschedule')
    .description('change when a planned campaign starts')
    .argument('<campaign>', 'id of the campaign')
    .argument('<time>', 'e.g. 2026-12-24T16:00; without an offset it is in TIME_ZONE')
    .option('--reason <text>', 'recorded in the audit')
    .option(...JSON_FLAG)
    .action(async (id: string, time: string, flags: HaltFlags) => ended(await reschedule(id, time, flags)));
};

async function halt(id: string, to: 'paused' | 'stopped', { reason, json }: HaltFlags): Promise<ExitCode> {
  const { haltCampaign } = await import('../../services/campaigns/control.ts');
  return withPassbridge([], async ({ stores }) => {
    show(await haltCampaign(stores, id, to, localAction(reason)), json);
    return 0;
  });
}

async function reschedule(id: string, time: string, { reason, json }: HaltFlags): Promise<ExitCode> {
  const { rescheduleCampaign } = await import('../../services/campaigns/control.ts');
  return withPassbridge([], async ({ stores, config }) => {
    const { timeZone } = config.campaigns;
    show(await rescheduleCampaign(stores, id, { time, timeZone }, localAction(reason)), json);
    return 0;
  });
}

/** Resumes a campaign, and follows it here if no other process works the queue. */
async function resume(id: string, { detach, latestProgram, reason, json }: ResumeFlags): Promise<ExitCode> {
  const { programNow, resumeCampaign } = await import('../../services/campaigns/control.ts');
  const { followToSummary } = await import('../run-campaign.ts');
  return withPassbridge(['passmachine', 'bloomreach', 'programs'], async (context) => {
    const { stores, file, passbridge, config } = context;
    const latest = latestProgram === true ? await programNow(stores, file, id) : undefined;
    const campaign = await resumeCampaign(stores, id, localAction(reason), latest);
    const workers = await stores.passQueue.workers();
    if (workers === 0 && detach !== true) {
      return followToSummary({ passbridge, config, file, campaign: id, signal: interruption(), json });
    }
    show(campaign, json);
    return 0;
  });
}

function show(campaign: Campaign, json: boolean | undefined): void {
  say(json === true ? JSON.stringify({ campaign: publicCampaign(campaign) }) : describeCampaign(campaign));
}
