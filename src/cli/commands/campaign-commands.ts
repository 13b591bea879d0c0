/** Declares the commands that start campaigns: `issue`, `reissue`, `update`, `notify` and `missing`. */

import type { CampaignAction } from '../../domain/campaigns/campaign-action.ts';
import { type DeclareCommand, repairStoreFlag, spreadsheetFlag, wipeOldDataFlag } from '../command.ts';
import { type CampaignFlags, declareCampaignFlags } from '../campaign-flags.ts';
import type { MissingFlags } from './missing.ts';

const actions: Readonly<Record<CampaignAction, string>> = {
  issue: 'issue cards to the customers of an export who have none',
  reissue: 'replace the cards of the customers of an export by new ones',
  update: 'update the cards of the customers of an export with current data',
  notify: 'send a notification to the customers of an export',
};

export const declareCampaignCommands: DeclareCommand = (program, ended) => {
  for (const [name, description] of Object.entries(actions)) {
    const action = name as CampaignAction;
    const command = program
      .command(name)
      .description(description)
      .argument('<program>', 'name of a program in the programs file')
      .argument('<file>', 'the export: CSV, JSON Lines or native_json, optionally gzipped; or @SOURCE');
    declareCampaignFlags(command, action);
    command.option(
      '--test-to <ids>',
      'send only to these customers of the export, by customer or card id, e.g. c-17,c-18; the campaign is not started',
    );
    command.option(...wipeOldDataFlag);
    command.option(...repairStoreFlag);
    command.action(async (programName: string, file: string, flags: CampaignFlags) => {
      const { runCampaignCommand } = await import('./start-campaign.ts');
      ended(await runCampaignCommand({ action, programName, file }, flags));
    });
  }

  const missing = program
    .command('missing')
    .description('list customers whose card is missing, deleted or duplicated')
    .argument('<program>', 'name of a program in the programs file')
    .argument('<file>', 'the segment: a file, or @SOURCE')
    .option('--csv', 'print one CSV row for each of them, exactly')
    .option(...spreadsheetFlag)
    .option('--issue', 'issue the missing cards, and reissue the deleted ones');
  declareCampaignFlags(missing, 'issue');
  missing.action(async (programName: string, file: string, flags: MissingFlags) => {
    const { runMissingCommand } = await import('./missing.ts');
    ended(await runMissingCommand(programName, file, flags));
  });
};
