/** What failed, grouped by cause over campaigns: what the Failures page lists, without reading every record. */

import { isAmong } from '../../domain/failures/cause.ts';
import { canBeRepeated, type FailedRecord } from '../../domain/failures/failed.ts';
import { failureKinds } from '../../domain/failures/failure.ts';
import type { FailureGroup } from '../../domain/failures/failure-group.ts';
import type { CauseFound } from '../../ledger/failures/causes.ts';
import type { Stores } from '../stores.ts';
import { campaignsOf, causesOf, type Selection } from './selection.ts';

/** What {@link failureGroups} and {@link failuresPage} read. */
export type FailureStores = Pick<Stores, 'campaigns' | 'failures'>;

const HOURS = 24;
const HOUR_MS = 3_600_000;

/** The causes of a selection, most records first. `now` (ms) ends the trend. Throws a `UserError`. */
export async function failureGroups(
  { campaigns, failures }: FailureStores,
  selection: Selection,
  now: number,
): Promise<FailureGroup[]> {
  const causes = causesOf(selection);
  const groups = new Map<string, Struck[]>();
  const ids = await campaignsOf({ campaigns }, selection);
  const found = await Promise.all(ids.map((id) => failures.causes(id)));
  for (const [index, id] of ids.entries()) {
    for (const struck of found[index] ?? []) {
      if (!isAmong(causes, struck.cause.id)) continue;
      groups.set(struck.cause.id, [...(groups.get(struck.cause.id) ?? []), { ...struck, id }]);
    }
  }
  const listed = [...groups.values()].map((places) => groupOf(places, now));
  const withExamples = listed.map(async (group): Promise<FailureGroup> => {
    const example = await failures.example(group.campaigns[0]?.id ?? '', group.cause.id);
    return Object.assign(group, example !== undefined && { ...natureOf(example), example });
  });
  return (await Promise.all(withExamples)).toSorted((a, b) => b.count - a.count);
}

type Struck = CauseFound & { /** The campaign. */ id: string };

function groupOf(places: readonly Struck[], now: number): FailureGroup {
  const [first] = places;
  if (first === undefined) throw new Error('a group has at least one place');
  const { cause } = first;
  const hours = new Map<number, number>();
  for (const { hour, count } of places.flatMap(({ perHour }) => perHour)) {
    if (hour > now - HOURS * HOUR_MS) hours.set(hour, (hours.get(hour) ?? 0) + count);
  }
  return {
    cause,
    count: places.reduce((sum, { count }) => sum + count, 0),
    firstAt: Math.min(...places.map(({ firstAt }) => firstAt)),
    lastAt: Math.max(...places.map(({ lastAt }) => lastAt)),
    perHour: [...hours].map(([hour, count]) => ({ hour, count })).toSorted((a, b) => a.hour - b.hour),
    campaigns: places.map(({ id, count }) => ({ id, count })).toSorted((a, b) => b.count - a.count),
    kind: 'job',
    repeatable: false,
    unknown: failureKinds[cause.code].stage === 'maybe',
  };
}

function natureOf(example: FailedRecord): Pick<FailureGroup, 'kind' | 'repeatable'> {
  const repeatable = canBeRepeated(example);
  if ('writeBack' in example) return { kind: 'write-back', repeatable };
  return { kind: 'row' in example ? 'row' : 'job', repeatable };
}
