/**
 * Forgets a customer: erases all personal data about them, and has rows of theirs skipped that are read later. It can
 * be repeated, and must be if a call was in flight.
 */

import {
  type CustomerQuery,
  customerById,
  idsOf,
  parseCustomerQuery,
} from '../../../domain/customers/customer-query.ts';
import type { PersonalRecordCounts, PersonalRecordKind } from '../../../domain/customers/personal-data.ts';
import { type Customer, customerKey, emailOf } from '../../../domain/jobs/pass-job.ts';
import { systemClock } from '../../../kit/clock.ts';
import { UserError } from '../../../kit/user-error.ts';
import { digest } from '../../../ledger/keys.ts';
import type { ActionContext } from '../../campaigns/control.ts';
import { audited } from '../../operators/audit.ts';
import type { Stores } from '../../stores.ts';
import {
  type LocationStores,
  namedLocations,
  type Names,
  type PersonalRecord,
  searchedLocations,
} from './data-locations.ts';

/** A customer to be forgotten, and what is stored about them. */
export interface ToForget extends Names {
  /** As `type:value`; absent if nothing is stored about the name. */
  customer?: string;
  /** Matches this customer only; matches the searched name if nothing is stored about it. */
  query: CustomerQuery;
  counts: PersonalRecordCounts;
  emails: ReadonlySet<string>;
  /** Their names, telephone numbers and addresses, as the records have them. */
  details: ReadonlySet<string>;
}

export interface Forgotten {
  erased: PersonalRecordCounts;
  /** Records that are in use by a worker, and still stored. */
  busy: number;
}

/** The search is repeated until it finds nothing: a record that moved to another location meanwhile may be missed. */
const MAX_PASSES = 5;

/** Finds a customer by email, customer id or card id. Throws a {@link UserError} if the name leads to several. */
export async function findCustomerToForget(
  stores: LocationStores,
  text: string,
  idTypes: readonly string[],
): Promise<ToForget> {
  const query = parseCustomerQuery(text, idTypes);
  const customers = new Map<string, PersonalRecord[]>();
  for await (const record of findRecords(stores, query)) {
    const id = idIn(record.about, query);
    customers.set(id, [...(customers.get(id) ?? []), record]);
  }
  const [first, ...others] = customers;
  if (first === undefined) {
    return {
      query,
      ids: query.ids,
      counts: {},
      emails: new Set(),
      details: new Set(),
      passIds: new Set(),
      jobs: new Set(),
    };
  }
  const [customer, records] = first;
  if (others.length > 0) {
    throw new UserError(
      'ERASURE_REFUSED',
      `${text} leads to ${customers.size} customers: ${[...customers.keys()].join(', ')}. Name one by their id.`,
    );
  }
  const counts: PersonalRecordCounts = {};
  for (const { kind } of records) add(counts, kind, 1);
  return {
    customer,
    query: customerById(customer),
    ids: [customer],
    counts,
    emails: new Set(records.flatMap(({ about }) => emailOf(about) ?? [])),
    details: new Set(records.flatMap(({ about }) => identifyingValues(about))),
    passIds: new Set(records.flatMap(({ passIds }) => passIds)),
    jobs: new Set(records.flatMap(({ jobs }) => jobs)),
  };
}

/** `alsoCardMarkers`: also erases that they have a card, so that a later campaign may issue a second one. */
export async function forget(
  stores: Stores,
  toForget: ToForget,
  { alsoCardMarkers, files, ...context }: ActionContext & { alsoCardMarkers: boolean; files: boolean },
): Promise<Forgotten> {
  const { query } = toForget;
  const entry = {
    ...context,
    action: 'customer.forget',
    // The audit trail is kept for good, so it must not name the customer.
    target: `customer ${digest(query.ids[0] ?? '')}`,
    after: { found: { ...toForget.counts }, alsoCardMarkers, files },
  } as const;
  return audited(stores, entry, async () => {
    // Must come first, so that no further job of theirs is queued.
    await stores.forgotten.add(query, systemClock());
    const erased: PersonalRecordCounts = {};
    // Must come before the records that lead to these names: after a crash in between they can be found again.
    for (const { kind, isOptional, erase } of namedLocations(stores)) {
      if (isOptional !== true || alsoCardMarkers) add(erased, kind, await erase(toForget));
    }
    return { erased, busy: await eraseRecords(stores, query, erased) };
  });
}

/** Adds to `erased`; returns the number of records that are in use. */
async function eraseRecords(
  stores: LocationStores,
  query: CustomerQuery,
  erased: PersonalRecordCounts,
): Promise<number> {
  let busy = 0;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    let erasedNow = 0;
    busy = 0;
    for await (const { kind, erase } of findRecords(stores, query)) {
      const result = await erase();
      if (result === 'busy') busy += 1;
      if (result !== 'erased') continue;
      add(erased, kind, 1);
      erasedNow += 1;
    }
    if (erasedNow === 0) break;
  }
  return busy;
}

async function* findRecords(stores: LocationStores, query: CustomerQuery): AsyncGenerator<PersonalRecord> {
  for (const { find } of searchedLocations(stores)) yield* find(query, systemClock());
}

function add(counts: PersonalRecordCounts, kind: PersonalRecordKind, count: number): void {
  if (count > 0) counts[kind] = (counts[kind] ?? 0) + count;
}

/** Attributes whose values name a customer. */
const IDENTIFYING = /name|mail|phone|mobile|address|street|birth/i;

function identifyingValues({ attributes }: Customer): string[] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    IDENTIFYING.test(name) && (typeof value === 'string' || typeof value === 'number') ? [String(value)] : [],
  );
}

/** The customer id that the query names, if it is one of theirs; otherwise their first id. */
function idIn(customer: Customer, query: CustomerQuery): string {
  return idsOf(customer).find((id) => query.ids.includes(id)) ?? customerKey(customer);
}
