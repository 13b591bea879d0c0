/**
 * Forgets a customer: whatever is kept about them is taken away, and rows of theirs that are still to
 * be read are left out. It may be repeated, and has to be where something was being sent.
 */

import { UserError } from '../../../kit/user-error.ts';
import type { PersonalRecordCounts, PersonalRecordKind } from '../../../domain/customers/personal-data.ts';
import { type CustomerQuery, parseCustomerQuery } from '../../../domain/customers/customer-query.ts';
import { systemClock } from '../../../kit/clock.ts';
import { digest } from '../../../ledger/digest.ts';
import { recorded } from '../../operators/audit.ts';
import type { Act } from '../../campaigns/control.ts';
import type { Stores } from '../../stores.ts';
import { findRecords, type Known, knownBy } from './find-records.ts';
import { customerNamed } from './erasable-record.ts';

/** Somebody who is to be forgotten, and what is known of them before. */
export interface ToForget extends Known {
  /** As `type:value`; absent where nothing is kept about anybody of that name. */
  customer?: string;
}

export interface Forgotten {
  erased: PersonalRecordCounts;
  /** What was being sent, and is still kept. */
  busy: number;
}

/** Looks are repeated until one finds nothing: what moved from store to store may have been missed. */
const MOST_LOOKS = 5;

/** Whoever is named by an e-mail, a customer id or a card id. Throws a {@link UserError} where several are. */
export async function whomToForget(
  stores: Stores,
  text: string,
  idTypes: readonly string[],
): Promise<ToForget> {
  const who = parseCustomerQuery(text, idTypes);
  const [first, ...others] = await knownBy(stores, who, systemClock());
  if (first === undefined) {
    return { who, counts: {}, emails: new Set(), passIds: new Set(), jobs: new Set() };
  }
  const [customer, known] = first;
  if (others.length === 0) return { customer, ...known };
  const names = [customer, ...others.map(([name]) => name)].join(', ');
  throw new UserError(
    'ERASURE_REFUSED',
    `${text} leads to ${others.length + 1} customers: ${names}. Name one by their id.`,
  );
}

/** `alsoMarks`: forgets as well that they have a card, so that a later campaign may make a second one. */
export async function forget(
  stores: Stores,
  { who, ...known }: ToForget,
  { alsoMarks, files, ...act }: Act & { alsoMarks: boolean; files: boolean },
): Promise<Forgotten> {
  const found = { ...known.counts };
  const entry = {
    ...act,
    act: 'customer.forget',
    on: digestOf(who),
    after: { found, alsoMarks, files },
  } as const;
  return recorded(stores, entry, async () => {
    // First of all: from now on nothing more of theirs is queued.
    await stores.forgotten.add(who, systemClock());
    // The traces lead to these: whoever dies in between can find them again.
    const byName: PersonalRecordCounts = {
      bulkAction: await stores.erasure.bulkActions(known.jobs),
      answer: await stores.erasure.marks.answers([...known.jobs]),
      rings: await sum([...known.passIds].map(stores.erasure.marks.rings)),
      mark: alsoMarks ? await eraseMarks(stores, who) : 0,
    };
    const { erased, busy } = await eraseRecords(stores, who);
    return {
      erased: Object.fromEntries(Object.entries({ ...erased, ...byName }).filter(([, many]) => many > 0)),
      busy,
    };
  });
}

async function eraseRecords(stores: Stores, who: CustomerQuery): Promise<Forgotten> {
  const erased: PersonalRecordCounts = {};
  let busy = 0;
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    let gone = 0;
    busy = 0;
    for await (const { kind, erase } of findRecords(stores, who, systemClock())) {
      const ended = await erase();
      if (ended === 'busy') busy += 1;
      if (ended !== 'erased') continue;
      count(erased, kind);
      gone += 1;
    }
    if (gone === 0) break;
  }
  return { erased, busy };
}

function count(counts: PersonalRecordCounts, kind: PersonalRecordKind): void {
  counts[kind] = (counts[kind] ?? 0) + 1;
}

/** In every program that ever had a campaign. */
async function eraseMarks({ campaigns, erasure }: Stores, { ids }: CustomerQuery): Promise<number> {
  const programs = new Set<string>();
  for (const id of await campaigns.allIds()) {
    const campaign = await campaigns.find(id);
    if (campaign !== undefined) programs.add(campaign.program);
  }
  const named = ids.map(customerNamed);
  return sum([...programs].flatMap((program) => named.map((one) => erasure.marks.cards(program, one))));
}

async function sum(counts: readonly Promise<number>[]): Promise<number> {
  return (await Promise.all(counts)).reduce((total, one) => total + one, 0);
}

/** The audit is kept for good: it names nobody. */
function digestOf({ ids }: CustomerQuery): string {
  return `customer ${digest(ids[0] ?? '')}`;
}
