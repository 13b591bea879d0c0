/** The flags of `passbridge issue|reissue|update|notify`, and what they ask of a campaign. */

import { type Command, Option } from 'commander';
import type { CampaignOptions } from '../../services/campaigns/campaign-request.ts';
import type { CampaignAction } from '../../domain/campaigns/campaign.ts';
import { type GuardOptions, guardsOf } from '../../domain/campaigns/guard-options.ts';
import { atLeastOne, hours, instant, percent, timeZone } from './flag-values.ts';

export interface CampaignFlags extends GuardOptions {
  text?: string;
  /** Milliseconds since 1970. */
  useBy?: number;
  /** Jinja. */
  where?: string;
  dryRun?: true;
  detach?: true;
  skipBadRows?: true;
  yes?: true;
  again?: true;
  reason?: string;
}

/** Declares the flags that fit the action. */
export function declareCampaignFlags(command: Command, action: CampaignAction): void {
  command
    .option('--dry-run', 'render and check every row, show five bodies, call nobody')
    .option('--detach', 'start it and leave it to `passbridge up`')
    .option('--again', 'with @SOURCE: take its newest file although it was taken before')
    .option('--yes', 'do not ask before a large campaign')
    .option('--reason <text>', 'written into the audit')
    .option('--skip-bad-rows', 'start although some rows cannot be read: they are rejected one by one')
    .option('--use-by <time>', 'send nothing from then on, e.g. 2026-12-24T18:00+01:00', instant)
    .option('--where <condition>', 'only customers of whom it is true, e.g. "{{ customer.age | int > 17 }}"')
    .option('--canary <people>', 'send to the first so many, then hold until it is resumed', atLeastOne)
    .option('--continue-at <percent>', 'go on after the canary if no more of it failed', percent)
    .option('--pause-at <percent>', 'pause once so much has failed; 0: never', percent)
    .option('--quiet-hours <times>', 'send nothing then, e.g. 21:00-08:00', hours)
    .option('--time-zone <zone>', 'of the quiet hours; by default TIME_ZONE', timeZone)
    .option('--time-zone-attribute <name>', 'customer attribute with a time zone of their own')
    .addOption(
      new Option('--in-quiet-hours <what>', 'hold what comes up in them until they end, or drop it')
        .choices(['hold', 'drop'])
        .default('hold'),
    );
  if (action === 'notify') {
    command
      .option('--text <text>', 'what the notification says')
      .option(
        '--max-notifications-per-day <n>',
        'rings of one card in 24 hours at most; Google shows 3',
        atLeastOne,
      )
      .addOption(
        new Option('--over-limit <what>', 'what becomes of one ring more')
          .choices(['skip', 'silent', 'hold'])
          .default('skip'),
      );
  } else {
    command.option('--changed-only', 'leave alone whose card would show what it shows already');
  }
}

/** What the flags ask for; `zone` is the configured one. */
export function optionsOf(flags: CampaignFlags, zone: string): CampaignOptions {
  const { text, useBy, where } = flags;
  return {
    ...(text !== undefined && { text }),
    ...(useBy !== undefined && { useBy }),
    ...(where !== undefined && { where }),
    guards: guardsOf(flags, zone),
  };
}
