/** Parses an event of Passmachine: what is forwarded to Bloomreach, and the card that the event proves to exist. */

import { z } from 'zod';
import { problemOfId, problemOfSize } from '../../domain/customers/customer-limits.ts';
import {
  type CardProof,
  findMember,
  problemOfPassId,
  textAt,
  withoutMembers,
} from '../../domain/jobs/card-proof.ts';
import type { Json } from '../../domain/jobs/program.ts';
import { PASSMACHINE_EVENT, type TrackedEvent } from '../../domain/jobs/webhook-request.ts';
import { parseShape } from '../../kit/json/parse-shape.ts';
import { jsonObject, problemsOf } from './request.ts';

/** Where an event's properties may have the card's id and link, e.g. `pass.id`; the first that is filled counts. */
export interface EventPaths {
  passId: readonly string[];
  link: readonly string[];
}

interface EventOptions {
  paths: EventPaths;
  /** Members of a card's metadata that may hold the id of its job. */
  jobIdKeys: ReadonlySet<string>;
  /** Milliseconds since 1970; the default timestamp. */
  now: number;
}

/** `timed`: whether the sender gave a timestamp. `proof`: absent if the event names no job or no card. */
type ParsedEvent =
  | { ok: true; event: TrackedEvent; timed: boolean; proof?: CardProof }
  | { ok: false; problems: string[] };

const eventSchema = z.object({
  customer_ids: jsonObject,
  event_type: z.string().min(1, 'should be specified'),
  timestamp: z.union([z.number(), z.string()], 'must be unix seconds or an ISO time').optional(),
  properties: jsonObject.default({}),
});

/** Parses an event. Problems contain names of fields, never their values. */
export function parseEvent(data: unknown, { paths, jobIdKeys, now }: EventOptions): ParsedEvent {
  const oversize = problemOfSize(data);
  if (oversize !== undefined) return { ok: false, problems: [`The event ${oversize}.`] };
  const parsed = parseShape(eventSchema, data);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const { customer_ids: given, event_type: type, timestamp, properties } = parsed.data;
  const ids = textIds(given);
  if (!ids.ok) return ids;
  // Bloomreach's own wording.
  if (!Object.values(ids.ids).some((id) => typeof id === 'string' && id !== '')) {
    return { ok: false, problems: ['At least one id should be specified.'] };
  }
  const proof = proofOf(properties, ids.ids, { paths, jobIdKeys });
  // The id of the job concerns passbridge only: Bloomreach must not get it as an attribute of events.
  const own = withoutMembers(properties, jobIdKeys);
  return {
    ok: true,
    timed: timestamp !== undefined,
    event: {
      customer_ids: ids.ids,
      event_type: PASSMACHINE_EVENT,
      timestamp: inSeconds(timestamp ?? now / 1000),
      // The guide maps all events to one type; the original type is kept as a property.
      properties: type === PASSMACHINE_EVENT ? own : { event_type: type, ...own },
    },
    ...(proof !== undefined && { proof }),
  };
}

type Ids = TrackedEvent['customer_ids'];

/** Makes whole numbers texts: an id is the same text wherever it is written. Leaves other values, such as lists, alone. */
function textIds(given: Ids): { ok: true; ids: Ids } | { ok: false; problems: string[] } {
  const ids: Ids = {};
  for (const [type, id] of Object.entries(given)) {
    if (typeof id === 'number' && !Number.isSafeInteger(id)) {
      return { ok: false, problems: [`customer_ids.${type} must be text or a whole number.`] };
    }
    const problem = typeof id === 'string' ? problemOfId(id) : undefined;
    if (problem !== undefined) return { ok: false, problems: [`customer_ids.${type} ${problem}.`] };
    ids[type] = typeof id === 'number' ? String(id) : id;
  }
  return { ok: true, ids };
}

function proofOf(
  properties: TrackedEvent['properties'],
  ids: Ids,
  { paths, jobIdKeys }: Pick<EventOptions, 'paths' | 'jobIdKeys'>,
): CardProof | undefined {
  const job = findMember(properties, jobIdKeys);
  const passId = job === undefined ? undefined : textAt(properties, paths.passId);
  if (job === undefined || passId === undefined || problemOfPassId(passId) !== undefined) return undefined;
  const link = textAt(properties, paths.link);
  const texts = Object.entries(ids).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { job, passId, ids: Object.fromEntries(texts), ...(link !== undefined && { link }) };
}

/** Unix seconds above this are after the year 5138, so they are milliseconds or less, which Bloomreach would accept silently. */
const LATEST_SECONDS = 1e11;

/** A number of nanoseconds arrives as text, because JavaScript cannot represent it. */
function inSeconds(timestamp: Json & (number | string)): number | string {
  const time = typeof timestamp === 'string' && /^\d{16,}$/.test(timestamp) ? Number(timestamp) : timestamp;
  if (typeof time === 'string') return time;
  let perSecond = 1;
  while (time / perSecond > LATEST_SECONDS) perSecond *= 1000;
  return time / perSecond;
}
