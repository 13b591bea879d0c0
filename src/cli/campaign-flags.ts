/** The flags of `passbridge issue|reissue|update|notify` and `missing`. */

import { type Command, Option } from 'commander';
import type { CampaignAction } from '../domain/campaigns/campaign-action.ts';
import {
  appliesTo,
  flagOf,
  type OptionKey,
  optionKeys,
  specOf,
} from '../domain/campaigns/options/campaign-options.ts';
import type { OptionSpec } from '../domain/campaigns/options/option.ts';

/** Campaign options as they were typed, and the flags of the command itself. */
export type CampaignFlags = { [Key in OptionKey]?: string | true } & {
  dryRun?: true;
  testTo?: string;
  detach?: true;
  yes?: true;
  again?: true;
  wipeOldData?: true;
  repairStore?: true;
  reason?: string;
  json?: true;
};

/** Adds the flags. An option that does not fit the action is hidden from the help, and refused with its reason. */
export function declareCampaignFlags(command: Command, action: CampaignAction): void {
  command
    .option('--dry-run', 'check and render every row and show five bodies, without calling an upstream')
    .option('--detach', 'start the campaign and leave the work to `passbridge up`')
    .option('--again', 'with @SOURCE: use its newest file even if a campaign has taken it')
    .option('--yes', 'start a large campaign without asking')
    .option('--reason <text>', 'recorded in the audit')
    .option('--json', 'print JSON: the report of --dry-run, or the summary of the campaign');
  for (const key of optionKeys) {
    const spec = specOf(key);
    const option = new Option(`${flagOf(key)}${placeholders[spec.kind]}`, helpOf(spec));
    command.addOption(option.helpGroup('Campaign options:').hideHelp(!appliesTo(key, action)));
  }
}

const placeholders: Readonly<Record<OptionSpec['kind'], string>> = {
  text: ' <text>',
  condition: ' <condition>',
  count: ' <n>',
  share: ' <percent>',
  hours: ' <times>',
  zone: ' <zone>',
  attribute: ' <name>',
  name: ' <name>',
  instant: ' <time>',
  duration: ' <duration>',
  choice: ' <choice>',
  switch: '',
};

/** In the style of the other flags: lower case, without a period. */
function helpOf({ kind, help, example }: OptionSpec): string {
  const text = `${help.charAt(0).toLowerCase()}${help.slice(1).replace(/\.$/, '')}`;
  return kind === 'choice' || example === undefined ? text : `${text}, e.g. ${example}`;
}
