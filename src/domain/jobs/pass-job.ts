/**
 * The language every stage speaks: one call to Passmachine for one customer.
 * Pure data; it travels through the queue as JSON, so every field is JSON.
 */

import type { NotificationLimit } from '../campaigns/guards.ts';
import type { QuietHoursOfOne } from '../campaigns/quiet-hours.ts';

/** What a job asks of Passmachine: `create` is a POST, `update` and `notify` are PATCHes. */
export type PassAction = 'create' | 'update' | 'notify';

/** One Bloomreach customer, as an export row or a webhook brings it. */
export interface Customer {
  /** Ids by type, e.g. `{ registered: 'c-17' }`. The first one names the customer everywhere. */
  ids: Readonly<Record<string, string>>;
  /** Attributes by name, as JSON. CSV cells stay strings; what is empty is left out. */
  attributes: Readonly<Record<string, unknown>>;
}

/** The customer attribute that holds the id of the card, by the guide. */
export const PASS_ID_ATTRIBUTE = 'passmachine_pass_id';

/** The customer attribute that tells what the card shows, where only changes are sent. */
export const DATA_HASH_ATTRIBUTE = 'passmachine_pass_hash';

/** Characters. Our own measure: a lock screen shows some 180, the back of a card somewhat more. */
export const LONGEST_TEXT = 250;

/** The version of {@link PassJob}'s shape. A worker leaves a newer one alone. */
export const PASS_JOB_VERSION = 1;

/** One call to Passmachine for one customer. */
export interface PassJob {
  v: typeof PASS_JOB_VERSION;
  /** Unique and deterministic, so that adding a job twice adds it once: see `job-id.ts`. */
  id: string;
  action: PassAction;
  /** Name of the program in the programs file. */
  program: string;
  customer: Customer;
  campaign: string;
  /** Its row in the campaign's source, 1 = the first data row. */
  row: number;
  /** Tells its stays in the queue apart: it left before it had ended, and was put back. Absent the first time. */
  round?: number;
  /** How often it came back within that round: to be tried again, or because it had to wait. Absent for never. */
  again?: number;
  /** Attempts that it used up in earlier stays; absent for none. */
  tried?: number;
  /** A create whose card takes the place of the one that the customer has. */
  replaces?: true;
  /** Notification text; only `notify`. */
  text?: string;
  /** Milliseconds since 1970 from which on it is not worth sending. */
  useBy?: number;
  quietHours?: QuietHoursOfOne;
  rings?: NotificationLimit;
  /** Goes by what the program says when it is sent, not by what it said when its campaign started. */
  latestProgram?: true;
  /** What to send, byte for byte, where a request brought it whole: nothing is rendered then. */
  body?: string;
  /** Whoever sent it may be waiting for what comes of it. */
  awaited?: true;
  /** Of what the card will show; written back as {@link DATA_HASH_ATTRIBUTE}. */
  dataHash?: string;
}

/** A job as the queue hands it out. */
export interface QueuedJob extends PassJob {
  /** Names this stay of it in the queue, unlike its other ones: what a worker marks as out is marked with it. */
  stay: string;
}

/** The same without what only this stay says of it. */
export function withoutStay(queued: QueuedJob): PassJob {
  const { stay: _stay, ...job } = queued;
  return job;
}

/** A card that Passmachine issued, with what is written back about it. */
export interface IssuedCard {
  passId: string;
  /** The page where the customer adds the card to a wallet; absent when the answer had none. */
  link?: string;
  /** Unix seconds at which Passmachine answered. Later writes with an older time lose. */
  issuedAt: number;
}

/**
 * The customer's name in ledgers and indexes: `type:value` of the first id.
 * Hard ids are case-sensitive in Bloomreach, so nothing is folded here.
 */
export function customerKey(customer: Customer): string {
  const first = Object.entries(customer.ids)[0];
  if (first === undefined) throw new Error('a customer needs at least one id');
  return `${first[0]}:${first[1]}`;
}

/** The id of the card that the customer has, as far as the source knows. */
export function passIdOf({ attributes }: Customer): string | undefined {
  return filledText(attributes[PASS_ID_ATTRIBUTE]);
}

/** The customer's e-mail: the attribute that Bloomreach has by default, or an id of that type. */
export function emailOf({ ids, attributes }: Customer): string | undefined {
  return filledText(attributes['email']) ?? filledText(ids['email']);
}

function filledText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
