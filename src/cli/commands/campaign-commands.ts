/** Declares the commands that start campaigns, steer them and tell how they stand. */

import type { Command } from 'commander';
import type { CampaignAction } from '../../domain/campaigns/campaign.ts';
import { type CampaignFlags, declareCampaignFlags } from './campaign-flags.ts';
import type { ResumeFlags } from './control.ts';
import type { ExitCode } from '../exit-code.ts';
import type { MissingFlags } from './missing.ts';

const actions: Readonly<Record<CampaignAction, string>> = {
  issue: 'issue cards to the customers of an export who have none',
  reissue: 'make a new card in place of each that the customers of an export have',
  update: 'fill the cards of the customers of an export with their data of now',
  notify: 'ring the phones of the customers of an export with a text',
};

const halts = [
  ['pause', 'paused', 'send nothing more of a campaign until it is resumed'],
  ['stop', 'stopped', 'end a campaign; who was not reached is counted as stopped'],
] as const;

/** Adds the commands; `ended` takes the exit code of the one that ran. */
export function declareCampaignCommands(program: Command, ended: (code: ExitCode) => void): void {
  for (const [action, description] of Object.entries(actions)) {
    const command = program
      .command(action)
      .description(description)
      .argument('<program>', 'a program of the programs file')
      .argument('<file>', 'the export: CSV, JSON Lines or native_json, gzip or not; or @SOURCE');
    declareCampaignFlags(command, action as CampaignAction);
    command.action(async (name: string, file: string, flags: CampaignFlags) => {
      const { startCampaign } = await import('./start-campaign.ts');
      ended(await startCampaign({ action: action as CampaignAction, name, file }, flags));
    });
  }

  const missingCommand = program
    .command('missing')
    .description('who of a segment has no card, or one that is gone, or two')
    .argument('<program>', 'a program of the programs file')
    .argument('<file>', 'the segment: a file, or @SOURCE')
    .option('--csv', 'a line for each of them')
    .option('--issue', 'make the cards: a new one for who has none, another for who has one that is gone');
  declareCampaignFlags(missingCommand, 'issue');
  missingCommand.action(async (name: string, file: string, flags: MissingFlags) => {
    const { missing } = await import('./missing.ts');
    ended(await missing(name, file, flags));
  });

  program
    .command('status')
    .description('campaigns and their counters')
    .argument('[campaign]', 'one campaign, with its causes of failure')
    .option('--json', 'for machines')
    .action(async (campaign: string | undefined, options: { json?: boolean }) => {
      const { status } = await import('./status.ts');
      ended(await status(campaign, { json: options.json === true }));
    });

  for (const [name, to, description] of halts) {
    program
      .command(name)
      .description(description)
      .argument('<campaign>', 'its id')
      .option('--reason <text>', 'shown with the campaign')
      .action(async (campaign: string, options: { reason?: string }) => {
        const { halt } = await import('./control.ts');
        ended(await halt(campaign, to, options));
      });
  }

  program
    .command('resume')
    .description('let a campaign that is held, paused or stopped go on where it stood')
    .argument('<campaign>', 'its id')
    .option('--detach', 'leave it to `passbridge up`')
    .option('--latest-program', 'by what the programs file says now, not by what it said at the start')
    .option('--reason <text>', 'written into the audit')
    .action(async (campaign: string, { detach, latestProgram, reason }: Partial<ResumeFlags>) => {
      const { resume } = await import('./control.ts');
      ended(
        await resume(campaign, {
          detach: detach === true,
          latestProgram: latestProgram === true,
          reason,
        }),
      );
    });
}
