/**
 * The pass job, the unit of work that all stages share: one call to Passmachine for one customer.
 * It travels through the queue as JSON, so every field is a JSON value.
 */

import type { NotificationLimit } from '../campaigns/safeguards/notification-limit.ts';
import type { CustomerQuietHours } from '../campaigns/safeguards/quiet-hours.ts';
import { isPlaceholder } from './placeholder.ts';

/** The call a job makes: `create` is a POST, `update` and `notify` are PATCHes. */
export type PassAction = 'create' | 'update' | 'notify';

/** One Bloomreach customer, from an export row or a webhook. */
export interface Customer {
  /** Ids by type, e.g. `{ registered: 'c-17' }`. The first one identifies the customer everywhere. */
  ids: Readonly<Record<string, string>>;
  /** JSON values by attribute name. CSV cells stay strings; empty cells are omitted. */
  attributes: Readonly<Record<string, unknown>>;
}

/** The customer attribute that holds the card's id; the name is the guide's. */
export const PASS_ID_ATTRIBUTE = 'passmachine_pass_id';

/** The customer attribute that holds a hash of the card's data, for campaigns that send changes only. */
export const DATA_HASH_ATTRIBUTE = 'passmachine_pass_hash';

/** Characters. Our own limit: a lock screen shows about 180, the back of a card somewhat more. */
export const MAX_TEXT_LENGTH = 250;

/** Version of the shape of {@link PassJob}. Workers leave jobs of a newer version in the queue. */
export const PASS_JOB_VERSION = 1;

/** One call to Passmachine for one customer. */
/**
 * Returns the text of a campaign as a job carries it. The text of a webhook is never a template: it may hold what a
 * customer has written.
 */
export function campaignText(text: string | undefined): Pick<PassJob, 'text' | 'textTemplate'> {
  if (text === undefined) return {};
  return /\{[{%#]/.test(text) ? { textTemplate: text } : { text };
}

export interface PassJob {
  v: typeof PASS_JOB_VERSION;
  /** Unique and deterministic, so that adding a job twice adds it once; see `job-id.ts`. */
  id: string;
  action: PassAction;
  /** Name of the program in the programs file. */
  program: string;
  customer: Customer;
  campaign: string;
  /** Row in the campaign's source; 1 is the first data row. */
  row: number;
  /** Assigned each time the job enters the queue after having been parked or reopened; absent the first time. */
  generation?: number;
  /** How many times this generation was requeued, for a retry or a wait; absent for none. */
  requeues?: number;
  /** Attempts used by earlier deliveries; absent for none. */
  attempts?: number;
  /**
   * Order of the job's data among the changes of its card, in microseconds since 1970; absent for that of the moment in
   * which the source of its campaign was opened.
   */
  order?: number;
  /** The new card of this create replaces the customer's current one. */
  replaces?: true;
  /** Notification text; only for `notify`. */
  text?: string;
  /** In place of `text`: a campaign's text with Jinja in it, which is rendered for the customer. */
  textTemplate?: string;
  /** The job must not be sent at or after this time, ms since 1970. */
  useBy?: number;
  quietHours?: CustomerQuietHours;
  notificationLimit?: NotificationLimit;
  /** Uses the program's current version instead of the one that the campaign was started with. */
  latestProgram?: true;
  /** Id of the bulk action that reopened it last, which counts how it ends. */
  bulkAction?: string;
  /** The request body to send byte for byte instead of rendering a template. */
  body?: string;
  /** The sender may be waiting for the answer. */
  awaited?: true;
  /** Hash of the card's new data; written back as {@link DATA_HASH_ATTRIBUTE}. */
  dataHash?: string;
}

/** A job as the queue delivers it to a worker. */
export interface QueuedJob extends PassJob {
  /** Identifies this delivery. The in-flight claim stores it, so that a later delivery recognizes a dead worker's claim. */
  deliveryId: string;
  /** Identifies one run of the delivery: after its worker was given up for dead, another worker runs it again. */
  runId?: string;
  /** A worker took this delivery before and did not end it; it may have died on it. */
  isRedelivered?: true;
  /** The fields of the card that its body changes; see `change-fields.ts`. Absent until the body is composed. */
  fields?: string;
}

export function withoutDeliveryId(queued: QueuedJob): PassJob {
  const { deliveryId: _d, runId: _r, isRedelivered: _i, fields: _f, ...job } = queued;
  return job;
}

/** A card that Passmachine issued. */
export interface IssuedCard {
  passId: string;
  /** The page where the customer adds the card to a wallet; absent if the answer had none. */
  link?: string;
  /** Unix seconds at which Passmachine answered. */
  issuedAt: number;
}

/**
 * Returns the customer's key in ledgers and indexes: `type:value` of the first id. Bloomreach's hard ids are
 * case-sensitive, so the value is kept as it is.
 */
export function customerKey(customer: Customer): string {
  const first = Object.entries(customer.ids)[0];
  if (first === undefined) throw new Error('a customer needs at least one id');
  return `${first[0]}:${first[1]}`;
}

/** Returns the id of the customer's current card according to the source; undefined for a placeholder. */
export function passIdOf({ attributes }: Customer): string | undefined {
  const value = attributes[PASS_ID_ATTRIBUTE];
  // Bloomreach exports a text of digits as a number.
  const id = Number.isSafeInteger(value) ? String(value) : nonEmptyText(value)?.trim();
  return id === undefined || isPlaceholder(id) ? undefined : id;
}

/** Returns the customer's email: Bloomreach's default attribute, or an id of type `email`. */
export function emailOf({ ids, attributes }: Customer): string | undefined {
  return nonEmptyText(attributes['email']) ?? nonEmptyText(ids['email']);
}

function nonEmptyText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
