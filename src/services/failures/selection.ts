/** Which failures somebody means: of one campaign or of all, by code or by cause. */

import { UserError } from '../../kit/user-error.ts';
import { nearest } from '../../config/nearest.ts';
import { isAmong } from '../../domain/failures/cause.ts';
import type { FoundFailure } from '../../domain/failures/failure-group.ts';
import { type FailureCode, failureKinds } from '../../domain/failures/failure.ts';
import type { Stores } from '../stores.ts';

export interface Selection {
  /** One campaign, or all. */
  campaign?: string | undefined;
  /** A code or the beginning of some, e.g. `PM_UNKNOWN`, or the id of a cause; or all. */
  code?: string | undefined;
}

/** The failures of a selection, campaign by campaign. Throws a {@link UserError}. */
export async function* failuresOf(
  { campaigns, failures }: Pick<Stores, 'campaigns' | 'failures'>,
  selection: Selection,
): AsyncGenerator<FoundFailure> {
  const causes = causesOf(selection);
  for (const campaign of await campaignsOf({ campaigns }, selection)) {
    for (const { cause } of await failures.causes(campaign)) {
      if (!isAmong(causes, cause.id)) continue;
      for await (const page of failures.pages(campaign, cause.id)) {
        for (const record of page) yield { campaign, record };
      }
    }
  }
}

/** The codes that a selection means, or its cause; undefined for all. Throws a {@link UserError}. */
export function causesOf({ code }: Selection): string[] | undefined {
  if (code === undefined) return undefined;
  const [name = '', digest] = code.split('.');
  const all = Object.keys(failureKinds) as FailureCode[];
  const begin = name.toUpperCase();
  const meant = all.filter((known) => (digest === undefined ? known.startsWith(begin) : known === begin));
  if (meant.length > 0) return digest === undefined ? meant : [`${begin}.${digest}`];
  const hint = nearest(name, all);
  throw new UserError(
    'INVALID_SELECTION',
    `There is no failure code ${code}${hint === undefined ? '' : `, did you mean ${hint}`}? docs/errors.md lists them.`,
  );
}

/** Ids of the campaigns of a selection, newest first: the newest thousand at most. Throws a {@link UserError}. */
export async function campaignsOf(
  { campaigns }: Pick<Stores, 'campaigns'>,
  { campaign: id }: Pick<Selection, 'campaign'>,
): Promise<string[]> {
  if (id === undefined) return campaigns.ids();
  if ((await campaigns.find(id)) !== undefined) return [id];
  throw new UserError(
    'INVALID_SELECTION',
    `There is no campaign ${id}. \`passbridge status\` lists those there are.`,
  );
}
