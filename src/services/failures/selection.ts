/** Selects failures: of one campaign or of all, by code or by cause. */

import { UserError } from '../../kit/user-error.ts';
import { nearest } from '../../kit/did-you-mean.ts';
import { matchesCause } from '../../domain/failures/cause.ts';
import type { FoundFailure } from '../../domain/failures/failure-group.ts';
import { type FailureCode, failureKinds } from '../../domain/failures/failure.ts';
import type { Stores } from '../stores.ts';

export interface Selection {
  /** Id of a campaign; absent for all. */
  campaign?: string | undefined;
  /** A code, a prefix of codes such as `PM_UNKNOWN`, or the id of a cause; absent for all. */
  code?: string | undefined;
}

/** Yields the failures of a selection, campaign by campaign. Throws a {@link UserError}. */
export async function* failuresOf(
  { campaigns, failures }: Pick<Stores, 'campaigns' | 'failures'>,
  selection: Selection,
): AsyncGenerator<FoundFailure> {
  const causes = causesOf(selection);
  for (const campaign of await campaignsOf({ campaigns }, selection)) {
    for (const { cause } of await failures.causes(campaign)) {
      if (!matchesCause(causes, cause.id)) continue;
      for await (const page of failures.pages(campaign, cause.id)) {
        for (const record of page) yield { campaign, record };
      }
    }
  }
}

/** Returns the codes of a selection, or its cause; undefined for all. Throws a {@link UserError} for an unknown code. */
export function causesOf({ code }: Selection): string[] | undefined {
  if (code === undefined) return undefined;
  const [name = '', digest] = code.split('.');
  const all = Object.keys(failureKinds) as FailureCode[];
  const prefix = name.toUpperCase();
  const codes = all.filter((known) => (digest === undefined ? known.startsWith(prefix) : known === prefix));
  if (codes.length > 0) return digest === undefined ? codes : [`${prefix}.${digest}`];
  const hint = nearest(name, all);
  throw new UserError(
    'INVALID_SELECTION',
    `There is no failure code ${code}${hint === undefined ? '' : `, did you mean ${hint}`}? docs/errors.md lists them.`,
  );
}

/** Returns the ids of a selection's campaigns, newest first, at most 1,000. Throws a {@link UserError} for an unknown campaign. */
export async function campaignsOf(
  { campaigns }: Pick<Stores, 'campaigns'>,
  { campaign: id }: Pick<Selection, 'campaign'>,
): Promise<string[]> {
  if (id === undefined) return campaigns.ids();
  if ((await campaigns.find(id)) !== undefined) return [id];
  throw new UserError(
    'INVALID_SELECTION',
    `There is no campaign ${id}. \`passbridge status\` lists the campaigns.`,
  );
}
