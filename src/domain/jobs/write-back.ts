/** One command for Bloomreach about one customer: attributes to set, or an event to track. */

import type { TimelineEntry } from '../customers/timeline.ts';
import type { Json } from './program.ts';

export interface WriteBack {
  /** Id of the job that produced it; also its `command_id` in a batch. */
  id: string;
  campaign: string;
  row: number;
  name: 'customers' | 'customers/events';
  /** `{customer_ids, properties, update_timestamp}`, or the fields of an event. */
  data: Json;
  /** When it was ready to be sent, ms since 1970. */
  at: number;
  /** How many times Bloomreach has refused this command. */
  refusals: number;
}

/** Makes the timeline entry for the customer of a write-back. */
export function timelineEntryOfWriteBack(
  { campaign, row, name, data }: WriteBack,
  event: Pick<TimelineEntry, 'kind' | 'detail'>,
): TimelineEntry {
  const { customer_ids: ids } = data as { customer_ids: { [type: string]: Json } };
  // An event has a row of its own; the row of a card was indexed when its job settled.
  return { ...event, customer: customerOfIds(ids), campaign, row, isRowIndexed: name === 'customers' };
}

/** Returns the customer's first id as `type:value`. */
export function customerOfIds(ids: { [type: string]: Json }): string {
  const [type, value] = Object.entries(ids)[0] ?? [];
  return `${type}:${typeof value === 'string' ? value : JSON.stringify(value)}`;
}
