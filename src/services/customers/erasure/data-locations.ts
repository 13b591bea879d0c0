/**
 * Where Redis holds personal data of customers: one row for each kind of key, with how to find and how to erase it.
 * `forget`, its preview and the retention sweep go through these rows. A new kind of key that holds personal data
 * needs a row here and in docs/security.md; a test compares the two. Files are in customer-files.ts.
 */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import {
  customerOfId,
  type CustomerQuery,
  matchesCustomer,
} from '../../../domain/customers/customer-query.ts';
import type { PersonalRecordKind } from '../../../domain/customers/personal-data.ts';
import type { CustomerTimeline } from '../../../domain/customers/timeline.ts';
import { type FailedRecord, jobIdOf } from '../../../domain/failures/failed.ts';
import { type Customer, PASS_ID_ATTRIBUTE, type PassJob, passIdOf } from '../../../domain/jobs/pass-job.ts';
import type { Json } from '../../../domain/jobs/program.ts';
import type { WriteBack } from '../../../domain/jobs/write-back.ts';
import type { PendingWriteBack } from '../../../ledger/write-back/outbox.ts';
import type { Stores } from '../../stores.ts';

/** One stored record about a customer. */
export interface PersonalRecord {
  kind: PersonalRecordKind;
  /** The customer as the record describes them. */
  about: Customer;
  /** Ids of jobs and cards that the record names. */
  jobs: readonly string[];
  passIds: readonly string[];
  /** `busy`: a worker is sending it; it can be erased once that has ended. `gone`: it was removed meanwhile. */
  erase(): Promise<EraseResult>;
}

export type EraseResult = 'erased' | 'gone' | 'busy';

/** Keys whose content names the customer: found by searching them. */
export interface SearchedLocation {
  kind: PersonalRecordKind;
  /** As in the table of ledger/keys.ts; `pass:…` stands for the keys of BullMQ. */
  keys: readonly string[];
  /** `now`: ms. */
  find(query: CustomerQuery, now: number): AsyncIterable<PersonalRecord>;
  /**
   * Erases what an ended campaign holds from before `before` (ms); returns the number of records. Absent if the keys
   * expire, or are emptied by processing.
   */
  eraseExpired?(campaign: Campaign, before: number): Promise<number>;
}

/** Keys named by ids of the customer, their jobs or their cards: erased without a search. */
export interface NamedLocation {
  kind: PersonalRecordKind;
  keys: readonly string[];
  /** Whether `forget` erases it only with --also-card-markers. */
  isOptional?: true;
  /** Returns the number of records erased. */
  erase(names: Names): Promise<number>;
}

export interface Names {
  /** Customer ids as `type:value`. */
  ids: readonly string[];
  jobs: ReadonlySet<string>;
  passIds: ReadonlySet<string>;
}

export type LocationStores = Pick<
  Stores,
  | 'campaigns'
  | 'failures'
  | 'parked'
  | 'jobs'
  | 'passQueue'
  | 'outbox'
  | 'importBatches'
  | 'customerIndex'
  | 'bulkActions'
  | 'answers'
  | 'earlyProofs'
  | 'notificationLimits'
>;

/** In the order in which a record may move on: from failed to parked, to the queue, to the write-backs. */
export function searchedLocations(stores: LocationStores): SearchedLocation[] {
  const { campaigns, failures, parked, passQueue, outbox, importBatches, customerIndex } = stores;
  return [
    {
      kind: 'failed',
      keys: ['campaign:{id}:failed:{cause}'],
      async *find(query) {
        for (const campaign of await campaigns.allIds()) {
          for (const { cause } of await failures.causes(campaign)) {
            const erase = (record: FailedRecord) => failures.erase(campaign, cause.id, [record]);
            for await (const page of failures.pages(campaign, cause.id)) {
              yield* failureRecords('failed', page, { query, erase });
            }
          }
        }
      },
      async eraseExpired({ id }, before) {
        let erased = 0;
        for (const { cause } of await failures.causes(id)) {
          for await (const page of failures.pages(id, cause.id)) {
            const old = page.filter(({ at }) => at < before);
            erased += await failures.erase(id, cause.id, old);
          }
        }
        return erased;
      },
    },
    {
      kind: 'discarded',
      keys: ['campaign:{id}:discarded'],
      async *find(query) {
        for (const campaign of await campaigns.allIds()) {
          const erase = (record: FailedRecord) => failures.eraseDiscarded(campaign, [record]);
          for await (const page of failures.discardedPages(campaign)) {
            yield* failureRecords('discarded', page, { query, erase });
          }
        }
      },
      async eraseExpired({ id }, before) {
        let erased = 0;
        for await (const page of failures.discardedPages(id)) {
          const old = page.filter(({ discard }) => discard.at < before);
          erased += await failures.eraseDiscarded(id, old);
        }
        return erased;
      },
    },
    {
      kind: 'parked',
      keys: ['campaign:{id}:parked'],
      async *find(query) {
        for (const campaign of await campaigns.allIds()) {
          for (const job of await parked.list(campaign)) {
            yield* jobRecords('parked', job, { query, erase: () => skipForgottenJob(stores, job) });
          }
        }
      },
      async eraseExpired({ id, status, halt }, before) {
        if (status !== 'stopped' || halt === undefined || halt.at >= before) return 0;
        let erased = 0;
        for (const job of await parked.list(id)) {
          if ((await stores.jobs.skipForgotten(job)) === 'skipped') erased += 1;
        }
        return erased;
      },
    },
    {
      kind: 'queued',
      keys: ['pass:…'],
      async *find(query) {
        for await (const page of passQueue.waiting()) {
          for (const { job, remove } of page) {
            yield* jobRecords('queued', job, { query, erase: () => skipForgottenJob(stores, job, remove) });
          }
        }
        const stalledOut = (await passQueue.stalledOut()).flatMap(({ jobs }) => jobs);
        for (const job of [...(await passQueue.active()), ...stalledOut]) {
          yield* jobRecords('queued', job, { query, erase: async () => 'busy' });
        }
      },
    },
    {
      kind: 'write-back',
      keys: ['outbox', 'campaign:{id}:pending-import', 'import-batch:{id}:rows'],
      // A write-back that is being sent is erased as well; Bloomreach may receive it nevertheless.
      async *find(query) {
        for await (const page of outbox.pending()) yield* writeBackRecords(page, query);
        for (const campaign of await campaigns.allIds()) {
          for await (const page of importBatches.pending(campaign)) yield* writeBackRecords(page, query);
        }
        for await (const page of importBatches.sealed()) yield* writeBackRecords(page, query);
      },
    },
    {
      kind: 'proof',
      keys: ['early-proofs'],
      async *find(query) {
        for await (const page of stores.earlyProofs.pages()) {
          for (const { job, passId, ids } of page) {
            const about = { ids, attributes: { [PASS_ID_ATTRIBUTE]: passId } };
            if (!matchesCustomer(query, about)) continue;
            const erase = async () => ((await stores.earlyProofs.remove([job])) > 0 ? 'erased' : 'gone');
            yield { kind: 'proof', ...namesIn(about, job), erase };
          }
        }
      },
    },
    {
      kind: 'timeline',
      keys: [
        'customers:{slice}:{shard}',
        'customer-lookup:{slice}:{shard}',
        'campaign:{id}:customers:{part}',
      ],
      // By the index's own lookup. A shared email leads to several customers.
      async *find({ ids, email, passId }, now) {
        const found = new Map<string, CustomerTimeline>();
        for (const term of [...ids, ...[email, passId].filter((one) => one !== undefined)]) {
          for (const timeline of await customerIndex.find(term, now)) found.set(timeline.customer, timeline);
        }
        for (const timeline of found.values()) {
          yield {
            kind: 'timeline',
            about: customerOfId(timeline.customer),
            jobs: [...new Set(timeline.events.map(({ job }) => job))],
            passIds: issuedCards(timeline),
            erase: async () => ((await customerIndex.erase(timeline, now)) ? 'erased' : 'gone'),
          };
        }
      },
    },
  ];
}

export function namedLocations(stores: LocationStores): NamedLocation[] {
  const { campaigns, jobs: jobLedger, bulkActions, answers, notificationLimits } = stores;
  return [
    {
      kind: 'bulk-action',
      keys: ['bulk-action:{id}', 'bulk-action:{id}:excluded'],
      erase: ({ jobs }) => bulkActions.eraseJobs(jobs),
    },
    {
      kind: 'answer',
      keys: ['answer:{job}'],
      erase: ({ jobs }) => answers.erase([...jobs]),
    },
    {
      kind: 'notifications',
      keys: ['notifications:{digest}'],
      erase: ({ passIds }) => sum([...passIds].map(notificationLimits.erase)),
    },
    {
      kind: 'card',
      keys: ['c:{digest}', 'in-flight:{digest}', 'w:{digest}'],
      isOptional: true,
      // In every program that ever had a campaign.
      async erase({ ids }) {
        const programs = new Set<string>();
        for (const id of await campaigns.allIds()) {
          const campaign = await campaigns.find(id);
          if (campaign !== undefined) programs.add(campaign.program);
        }
        const customers = ids.map(customerOfId);
        return sum(
          [...programs].flatMap((program) => customers.map((one) => jobLedger.eraseCard(program, one))),
        );
      },
    },
  ];
}

/**
 * Ends a job of a forgotten customer as skipped, then removes it from the queue. In this order, because after a crash
 * in between the queue only holds a job that ends as soon as a worker takes it.
 */
export async function skipForgottenJob(
  { jobs }: Pick<Stores, 'jobs'>,
  job: PassJob,
  remove?: () => Promise<void>,
): Promise<EraseResult> {
  if ((await jobs.skipForgotten(job)) === 'in-flight') return 'busy';
  await remove?.();
  return 'erased';
}

function failureRecords(
  kind: 'failed' | 'discarded',
  records: readonly FailedRecord[],
  { query, erase }: { query: CustomerQuery; erase: (record: FailedRecord) => Promise<number> },
): PersonalRecord[] {
  return records.flatMap((record): PersonalRecord[] => {
    const about = customerOfRecord(record);
    if (about === undefined || !matchesCustomer(query, about)) return [];
    const eraseOne = async () => ((await erase(record)) > 0 ? 'erased' : 'gone');
    return [{ kind, ...namesIn(about, jobIdOf(record) ?? ''), erase: eraseOne }];
  });
}

/** A row rejected when it was read names no customer. */
function customerOfRecord(record: FailedRecord): Customer | undefined {
  if ('job' in record) return record.job.customer;
  return 'writeBack' in record ? customerOfWriteBack(record.writeBack) : undefined;
}

function jobRecords(
  kind: 'parked' | 'queued',
  { customer, id }: PassJob,
  { query, erase }: { query: CustomerQuery; erase: () => Promise<EraseResult> },
): PersonalRecord[] {
  return matchesCustomer(query, customer) ? [{ kind, ...namesIn(customer, id), erase }] : [];
}

function writeBackRecords(page: readonly PendingWriteBack[], query: CustomerQuery): PersonalRecord[] {
  return page.flatMap(({ writeBack, erase }): PersonalRecord[] => {
    const about = customerOfWriteBack(writeBack);
    if (!matchesCustomer(query, about)) return [];
    const eraseOne = async () => ((await erase()) ? 'erased' : 'gone');
    return [{ kind: 'write-back', ...namesIn(about, writeBack.id), erase: eraseOne }];
  });
}

/** An attribute that looks like an email is taken for the customer's. */
function customerOfWriteBack({ data }: WriteBack): Customer {
  const { customer_ids: ids, properties } = data as {
    customer_ids: Record<string, Json>;
    properties?: Record<string, Json>;
  };
  const attributes = properties ?? {};
  const email = Object.values(attributes).find((value) => typeof value === 'string' && value.includes('@'));
  return {
    ids: Object.fromEntries(
      Object.entries(ids).map(([type, id]) => [type, typeof id === 'string' ? id : JSON.stringify(id)]),
    ),
    attributes: email === undefined ? attributes : { email, ...attributes },
  };
}

function namesIn(customer: Customer, job: string): Pick<PersonalRecord, 'about' | 'jobs' | 'passIds'> {
  const passId = passIdOf(customer);
  return { about: customer, jobs: [job], passIds: passId === undefined ? [] : [passId] };
}

/** The event of a successful create has the id of the new card as its detail. */
function issuedCards({ events }: CustomerTimeline): string[] {
  const issued = events.filter(({ kind, action }) => kind === 'done' && action === 'create');
  return issued.map(({ detail }) => detail).filter((passId) => passId !== '');
}

async function sum(counts: readonly Promise<number>[]): Promise<number> {
  return (await Promise.all(counts)).reduce((total, one) => total + one, 0);
}
