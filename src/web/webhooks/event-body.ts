/** An event in Bloomreach's words, checked: https://documentation.bloomreach.com/engagement/docs/add-event */

import { z } from 'zod';
import type { Json } from '../../domain/jobs/program.ts';
import { PASSMACHINE_EVENT, type TrackedEvent } from '../../domain/jobs/tracked-event.ts';
import { isDeeperThan, jsonObject, MOST_LEVELS } from './json-body.ts';

const eventSchema = z.object({
  customer_ids: jsonObject,
  event_type: z.string().min(1, 'should be specified'),
  timestamp: z.union([z.number(), z.string()], 'must be unix seconds or an ISO time').optional(),
  properties: jsonObject.default({}),
});

/** `timed`: whether it brought its time. */
export type ReadEvent = { ok: true; event: TrackedEvent; timed: boolean } | { ok: false; problems: string[] };

/** Unix seconds above this are the year 5138: milliseconds, which Bloomreach would not notice. */
const LATEST_SECONDS = 1e11;

/** Problems name fields and never repeat what is in them. `now` (ms) is its time where it brings none. */
export function readEvent(data: unknown, now: number): ReadEvent {
  if (isDeeperThan(MOST_LEVELS, data))
    return unfit(`The event is nested more than ${MOST_LEVELS} levels deep.`);
  const parsed = eventSchema.safeParse(data);
  if (!parsed.success) {
    return unfit(...parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()));
  }
  const { customer_ids: ids, event_type: type, timestamp, properties } = parsed.data;
  // Bloomreach's own words.
  if (!Object.values(ids).some(isId)) return unfit('At least one id should be specified.');
  // The guide has everything mapped to one event; what it was is kept.
  const kept = type === PASSMACHINE_EVENT ? properties : { event_type: type, ...properties };
  return {
    ok: true,
    timed: timestamp !== undefined,
    event: {
      customer_ids: ids,
      event_type: PASSMACHINE_EVENT,
      timestamp: inSeconds(timestamp ?? now / 1000),
      properties: kept,
    },
  };
}

function isId(value: Json): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

function inSeconds(timestamp: number | string): number | string {
  return typeof timestamp === 'number' && timestamp > LATEST_SECONDS ? timestamp / 1000 : timestamp;
}

function unfit(...problems: string[]): ReadEvent {
  return { ok: false, problems };
}
