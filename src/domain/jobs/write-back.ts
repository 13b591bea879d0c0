/** One command for Bloomreach about one customer: attributes to set, or an event to track. */

import type { TimelineEntry } from '../customers/timeline.ts';
import type { Json } from './program.ts';

export interface WriteBack {
  /** Id of the job that produced it; also its `command_id` in a batch. */
  id: string;
  campaign: string;
  row: number;
  name: 'customers' | 'customers/events';
  /** `{customer_ids, properties}`, or the fields of an event. */
  data: Json;
  /**
   * When the ledger recorded it, ms since 1970 by the clock of Redis. Later for each further write-back of a customer:
   * of attributes, Bloomreach keeps the one with the latest time.
   */
  at: number;
  /** How many times Bloomreach has refused this command. */
  refusals: number;
}

/** A write-back that the ledger has not recorded yet. */
export type UndatedWriteBack = Omit<WriteBack, 'at'>;

/** Makes the timeline entry for the customer of a write-back. */
export function timelineEntryOfWriteBack(
  writeBack: WriteBack,
  event: Pick<TimelineEntry, 'kind' | 'detail'>,
): TimelineEntry {
  const { campaign, row, name } = writeBack;
  // An event has a row of its own; the row of a card was indexed when its job settled.
  return {
    ...event,
    customer: customerOfWriteBack(writeBack),
    campaign,
    row,
    isRowIndexed: name === 'customers',
  };
}

/** Returns the customer's key: `type:value` of the first id. */
export function customerOfWriteBack({ data }: Pick<WriteBack, 'data'>): string {
  return customerOfIds((data as { customer_ids: { [type: string]: Json } }).customer_ids);
}

/** Returns the customer's first id as `type:value`. */
export function customerOfIds(ids: { [type: string]: Json }): string {
  const [type, value] = Object.entries(ids)[0] ?? [];
  return `${type}:${typeof value === 'string' ? value : JSON.stringify(value)}`;
}
