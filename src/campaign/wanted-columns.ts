/** What an export has to bring along for a campaign, no less and no more: each column is customers' data. */

import { type CampaignAction, passActionOf } from '../domain/campaigns/campaign.ts';
import type { Guards } from '../domain/campaigns/guards.ts';
import { DATA_HASH_ATTRIBUTE, PASS_ID_ATTRIBUTE } from '../domain/jobs/pass-job.ts';
import { type Program, templateOf } from '../domain/jobs/program.ts';

interface WantedColumns {
  /** Id types, the one that names a customer first. */
  ids: readonly string[];
  /** Customer attributes, each once. */
  attributes: string[];
}

/** Attributes that a template reaches by other means than `customer.NAME` are not known here. */
export function wantedColumns(
  program: Program,
  action: CampaignAction,
  { idTypes, guards = {} }: { idTypes: readonly string[]; guards?: Guards | undefined },
): WantedColumns {
  const section = passActionOf(action);
  const names = [
    // Tells at the door who has a card.
    PASS_ID_ATTRIBUTE,
    ...(templateOf(program, section)?.uses ?? []),
    ...(section === 'create' ? program.attributes.uses : []),
    // What the card shows is the create body, whatever is sent.
    ...(guards.changedOnly === true ? [DATA_HASH_ATTRIBUTE, ...program.create.uses] : []),
    ...(guards.quietHours?.zoneAttribute === undefined ? [] : [guards.quietHours.zoneAttribute]),
  ];
  return { ids: idTypes, attributes: [...new Set(names)].filter((name) => !idTypes.includes(name)) };
}
