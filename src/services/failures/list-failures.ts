/** Lists failures for the dashboard: grouped by cause over campaigns, and the records of one cause page by page. */

import { matchesCause } from '../../domain/failures/cause.ts';
import { type FailedRecord, isRetryable } from '../../domain/failures/failed.ts';
import type { FailureGroup, FailuresPage, FoundFailure } from '../../domain/failures/failure-group.ts';
import { failureKinds } from '../../domain/failures/failure.ts';
import type { CauseCount } from '../../ledger/failures/causes.ts';
import type { Stores } from '../stores.ts';
import { campaignPages, causesOf, causesPerCampaign, type Selection } from './selection.ts';

export type FailureStores = Pick<Stores, 'campaigns' | 'failures'>;

const HOURS = 24;
const HOUR_MS = 3_600_000;

/**
 * Returns the causes of a selection, most records first, from counts: reads one record per cause. `now`, in
 * milliseconds since 1970, ends the hourly trend. Throws a `UserError` for an unknown campaign or code.
 */
export async function failureGroups(
  { campaigns, failures }: FailureStores,
  selection: Selection,
  now: number,
): Promise<FailureGroup[]> {
  const causes = causesOf(selection);
  const byCause = new Map<string, CampaignCount[]>();
  for await (const count of causesPerCampaign({ campaigns, failures }, selection)) {
    if (!matchesCause(causes, count.cause.id)) continue;
    const known = byCause.get(count.cause.id);
    if (known === undefined) byCause.set(count.cause.id, [count]);
    else known.push(count);
  }
  const groups = [...byCause.values()].map((counts) => groupOf(counts, now));
  const withExamples = groups.map(async (group): Promise<FailureGroup> => {
    const example = await failures.example(group.campaigns[0]?.id ?? '', group.cause.id);
    return Object.assign(group, example !== undefined && { ...kindOf(example), example });
  });
  return (await Promise.all(withExamples)).toSorted((a, b) => b.count - a.count);
}

type CampaignCount = CauseCount & { campaign: string };

function groupOf(counts: readonly CampaignCount[], now: number): FailureGroup {
  const [first] = counts;
  if (first === undefined) throw new Error('a group has at least one campaign');
  const { cause } = first;
  const hours = new Map<number, number>();
  for (const { hour, count } of counts.flatMap(({ perHour }) => perHour)) {
    if (hour > now - HOURS * HOUR_MS) hours.set(hour, (hours.get(hour) ?? 0) + count);
  }
  return {
    cause,
    count: counts.reduce((sum, { count }) => sum + count, 0),
    firstAt: Math.min(...counts.map(({ firstAt }) => firstAt)),
    lastAt: Math.max(...counts.map(({ lastAt }) => lastAt)),
    perHour: [...hours].map(([hour, count]) => ({ hour, count })).toSorted((a, b) => a.hour - b.hour),
    campaigns: counts
      .map(({ campaign, count }) => ({ id: campaign, count }))
      .toSorted((a, b) => b.count - a.count),
    kind: 'job',
    retryable: false,
    unknown: failureKinds[cause.code].stage === 'maybe',
  };
}

function kindOf(example: FailedRecord): Pick<FailureGroup, 'kind' | 'retryable'> {
  const retryable = isRetryable(example);
  if ('writeBack' in example) return { kind: 'write-back', retryable };
  return { kind: 'row' in example ? 'row' : 'job', retryable };
}

const PAGE = 100;
/** Reads from Redis for one page. Only campaigns with hardly any records need more than one each. */
const MAX_READS = 20;

/**
 * Returns one page of the records of a cause (its id), of one campaign or of all. The cost does not grow with the
 * offset. A record retried between two pages may be missing. An unknown cursor starts at the first page. Throws a
 * `UserError` for an unknown campaign.
 */
export async function failuresPage(
  stores: FailureStores,
  { cause, campaign }: { cause: string } & Pick<Selection, 'campaign'>,
  cursor?: string,
): Promise<FailuresPage> {
  const [from, offset] = parseCursor(cursor);
  const left = await campaignsWith(stores, { cause, campaign }, from);

  const failures: FoundFailure[] = [];
  let next = left[0] === from ? offset : undefined;
  for (let reads = 0; reads < MAX_READS && failures.length < PAGE; reads += 1) {
    const id = left[0];
    if (id === undefined) break;
    const page = await stores.failures.page(id, cause, { size: PAGE - failures.length, cursor: next });
    failures.push(...page.records.map((record) => ({ campaign: id, record })));
    next = page.next;
    if (next === undefined) left.shift();
  }
  return { failures, next: left[0] === undefined ? undefined : `${left[0]} ${next ?? ''}`.trim() };
}

/** Returns the campaigns that have records of a cause, from `from` on; from the first if it is none of them. */
async function campaignsWith(
  stores: FailureStores,
  { cause, campaign }: { cause: string } & Pick<Selection, 'campaign'>,
  from: string,
): Promise<string[]> {
  const found: string[] = [];
  let first = 0;
  for await (const ids of campaignPages(stores, { campaign })) {
    const counts = await Promise.all(ids.map((id) => stores.failures.count(id, cause)));
    for (const [index, id] of ids.entries()) {
      if (id === from) first = found.length;
      if (counts[index] !== 0) found.push(id);
    }
  }
  return found.slice(first);
}

/** Splits a cursor: a campaign's id and, after a space, the offset within the campaign. */
function parseCursor(cursor = ''): [campaign: string, offset: string | undefined] {
  const [campaign = '', offset] = cursor.split(' ');
  return [campaign, offset !== undefined && /^\d+\.\d+$/.test(offset) ? offset : undefined];
}
