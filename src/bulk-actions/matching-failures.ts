/** Finds the failures that a bulk action is for, campaign by campaign and cause by cause, in pages. */

import { type BulkActionOrder, includesCause } from '../domain/failures/bulk-action.ts';
import type { FailedRecord } from '../domain/failures/failed.ts';

/** The index of failures: see the ledger. */
export interface FailureIndex {
  causes(campaign: string): Promise<{ cause: { id: string } }[]>;
  pages(campaign: string, cause: string): AsyncIterable<FailedRecord[]>;
  find(campaign: string, cause: string, ids: readonly string[]): Promise<FailedRecord[]>;
}

/** Failures of one campaign and cause. */
export interface Page {
  campaign: string;
  cause: string;
  records: readonly FailedRecord[];
}

/** Yields the matching failures that existed when the action was ordered. `campaigns` yields the ids of all campaigns, in pages. */
export async function* matchingFailures(
  { filter, at }: BulkActionOrder,
  index: FailureIndex,
  campaigns: () => AsyncIterable<readonly string[]>,
): AsyncGenerator<Page> {
  for await (const ids of campaignPages(filter, campaigns)) {
    const found = await Promise.all(ids.map((id) => index.causes(id)));
    for (const [nth, campaign] of ids.entries()) {
      const jobs = filter.jobs?.filter((one) => one.campaign === campaign).map(({ job }) => job);
      for (const { cause } of found[nth] ?? []) {
        if (!includesCause(filter, campaign, cause.id)) continue;
        const pages =
          jobs === undefined ? index.pages(campaign, cause.id) : [await index.find(campaign, cause.id, jobs)];
        for await (const page of pages) {
          const records = page.filter((record) => record.at <= at);
          if (records.length > 0) yield { campaign, cause: cause.id, records };
        }
      }
    }
  }
}

async function* campaignPages(
  { campaign, jobs }: BulkActionOrder['filter'],
  all: () => AsyncIterable<readonly string[]>,
): AsyncGenerator<readonly string[]> {
  if (campaign !== undefined) yield [campaign];
  else if (jobs === undefined) yield* all();
  else yield [...new Set(jobs.map((one) => one.campaign))];
}
