/** One thing to tell Bloomreach about one customer, on its way there. */

import type { TimelineEntry } from '../customers/timeline.ts';
import type { Json } from './program.ts';

export interface WriteBack {
  /** The job it came from; names the command in a batch. */
  id: string;
  campaign: string;
  row: number;
  name: 'customers' | 'customers/events';
  /** `{customer_ids, properties, update_timestamp}`, or an event's fields. */
  data: Json;
  /** When it was ready to be sent, ms. */
  at: number;
  /** How often Bloomreach has refused this one. */
  refusals: number;
}

/** What is put down about the customer that it is about. */
export function timelineEntryOfWriteBack(
  { campaign, row, name, data }: WriteBack,
  news: Pick<TimelineEntry, 'what' | 'note'>,
): TimelineEntry {
  const { customer_ids: ids } = data as { customer_ids: { [type: string]: Json } };
  // An event's row is its own; that of a card was put down when it ended.
  return { ...news, customer: customerOfIds(ids), campaign, row, isRowKnown: name === 'customers' };
}

/** The customer as `type:value` of the first id. */
export function customerOfIds(ids: { [type: string]: Json }): string {
  const [type, value] = Object.entries(ids)[0] ?? [];
  return `${type}:${typeof value === 'string' ? value : JSON.stringify(value)}`;
}
