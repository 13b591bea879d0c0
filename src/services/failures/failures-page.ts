/** The records of one cause, page by page: over all campaigns, or of one. */

import type { FailuresPage, FoundFailure } from '../../domain/failures/failure-group.ts';
import type { FailureStores } from './failure-groups.ts';
import { campaignsOf, type Selection } from './selection.ts';

const PAGE = 100;
/** Looks into Redis for one page; only campaigns with hardly any record each need as many. */
const MOST_LOOKS = 20;

/**
 * One page of a cause (its id), at the cost of one page. A record that is sent again between two
 * pages may be missing. An unknown cursor begins at the front. Throws a `UserError`.
 */
export async function failuresPage(
  stores: FailureStores,
  { cause, campaign }: { cause: string } & Pick<Selection, 'campaign'>,
  cursor?: string,
): Promise<FailuresPage> {
  const all = await campaignsOf(stores, { campaign });
  const [from, place] = parseCursor(cursor);
  const counts = await Promise.all(all.map((id) => stores.failures.count(id, cause)));
  const first = Math.max(all.indexOf(from), 0);
  const left = all.filter((_, index) => index >= first && counts[index] !== 0);

  const failures: FoundFailure[] = [];
  let next = left[0] === from ? place : undefined;
  for (let looks = 0; looks < MOST_LOOKS && failures.length < PAGE; looks += 1) {
    const id = left[0];
    if (id === undefined) break;
    const page = await stores.failures.page(id, cause, { size: PAGE - failures.length, cursor: next });
    failures.push(...page.records.map((record) => ({ campaign: id, record })));
    next = page.next;
    if (next === undefined) left.shift();
  }
  return { failures, next: left[0] === undefined ? undefined : `${left[0]} ${next ?? ''}`.trim() };
}

/** A campaign's id and, behind a space, the place in it. */
function parseCursor(cursor = ''): [campaign: string, place: string | undefined] {
  const [campaign = '', place] = cursor.split(' ');
  return [campaign, place !== undefined && /^\d+\.\d+$/.test(place) ? place : undefined];
}
