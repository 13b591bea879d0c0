/** One thing to tell Bloomreach about one customer, on its way there. */

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
