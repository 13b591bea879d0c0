/** The columns that an export must have for a campaign, and no more, because each column is personal data. */

import { passActionOf } from '../domain/campaigns/campaign.ts';
import type { CampaignAction } from '../domain/campaigns/campaign-action.ts';
import type { Guards } from '../domain/campaigns/safeguards/guards.ts';
import { DATA_HASH_ATTRIBUTE, PASS_ID_ATTRIBUTE } from '../domain/jobs/pass-job.ts';
import { type Program, templateOf } from '../domain/jobs/program.ts';

interface WantedColumns {
  /** Id types; the first identifies the customer. */
  ids: readonly string[];
  /** Customer attributes, each once. */
  attributes: string[];
}

/** Finds attributes that a template names as `customer.NAME`; those accessed in another way are not found. */
export function wantedColumns(
  program: Program,
  action: CampaignAction,
  { idTypes, guards = {} }: { idTypes: readonly string[]; guards?: Guards | undefined },
): WantedColumns {
  const section = passActionOf(action);
  const names = [
    // The row filter needs it to know which customers have a card.
    PASS_ID_ATTRIBUTE,
    ...(templateOf(program, section)?.uses ?? []),
    ...(section === 'create' ? program.attributes.uses : []),
    // The hash is of the create body, whatever the action.
    ...(guards.changedOnly === true ? [DATA_HASH_ATTRIBUTE, ...program.create.uses] : []),
    ...(guards.quietHours?.zoneAttribute === undefined ? [] : [guards.quietHours.zoneAttribute]),
  ];
  return { ids: idTypes, attributes: [...new Set(names)].filter((name) => !idTypes.includes(name)) };
}
