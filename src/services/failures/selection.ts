/** Selects failures: of one campaign or of all, by code or by cause. */

import { UserError } from '../../kit/user-error.ts';
import { nearest } from '../../kit/did-you-mean.ts';
import { matchesCause } from '../../domain/failures/cause.ts';
import type { FoundFailure } from '../../domain/failures/failure-group.ts';
import { type FailureCode, failureKinds } from '../../domain/failures/failure.ts';
import type { CauseCount } from '../../ledger/failures/causes.ts';
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
  for await (const { campaign, cause } of causesPerCampaign({ campaigns, failures }, selection)) {
    if (!matchesCause(causes, cause.id)) continue;
    for await (const page of failures.pages(campaign, cause.id)) {
      for (const record of page) yield { campaign, record };
    }
  }
}

/** Yields the causes of each campaign of a selection that have records. Throws a {@link UserError} for an unknown campaign. */
export async function* causesPerCampaign(
  { campaigns, failures }: Pick<Stores, 'campaigns' | 'failures'>,
  selection: Pick<Selection, 'campaign'>,
): AsyncGenerator<CauseCount & { campaign: string }> {
  for await (const ids of campaignPages({ campaigns }, selection)) {
    const found = await Promise.all(ids.map((id) => failures.causes(id)));
    for (const [index, campaign] of ids.entries()) {
      for (const count of found[index] ?? []) yield { ...count, campaign };
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

/** Yields the ids of a selection's campaigns, newest first, in pages. Throws a {@link UserError} for an unknown campaign. */
export async function* campaignPages(
  { campaigns }: Pick<Stores, 'campaigns'>,
  { campaign: id }: Pick<Selection, 'campaign'>,
): AsyncGenerator<string[]> {
  await assertCampaign({ campaigns }, { campaign: id });
  if (id === undefined) yield* campaigns.idPages();
  else yield [id];
}

/** Throws a {@link UserError} if the selection names a campaign that does not exist. */
export async function assertCampaign(
  { campaigns }: Pick<Stores, 'campaigns'>,
  { campaign: id }: Pick<Selection, 'campaign'>,
): Promise<void> {
  if (id === undefined || (await campaigns.find(id)) !== undefined) return;
  throw new UserError(
    'INVALID_SELECTION',
    `There is no campaign ${id}. \`passbridge status\` lists the campaigns.`,
  );
}
