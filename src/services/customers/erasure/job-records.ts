/** Jobs that are still to be sent: parked ones, and those that wait in the queue. */

import type { PassJob } from '../../../domain/jobs/pass-job.ts';
import { isMeant, type CustomerQuery } from '../../../domain/customers/customer-query.ts';
import type { Stores } from '../../stores.ts';
import { type Erased, namedIn, type PersonalRecord } from './erasable-record.ts';

type JobStores = Pick<Stores, 'campaigns' | 'parked' | 'passQueue' | 'erasure'>;

/** Those that workers have now are among them: they are busy. */
export async function* jobRecords(stores: JobStores, who: CustomerQuery): AsyncGenerator<PersonalRecord> {
  const { campaigns, parked, passQueue } = stores;
  const recordOf = (
    kind: PersonalRecord['kind'],
    job: PassJob,
    erase: () => Promise<Erased>,
  ): PersonalRecord[] =>
    isMeant(who, job.customer) ? [{ kind, ...namedIn(job.customer, job.id), erase }] : [];

  for (const campaign of await campaigns.allIds()) {
    for (const job of await parked.list(campaign)) {
      yield* recordOf('parked', job, () => removeJob(stores, job, async () => {}));
    }
  }
  for await (const page of passQueue.waiting()) {
    for (const { job, remove } of page) yield* recordOf('queued', job, () => removeJob(stores, job, remove));
  }
  const stalledOut = await passQueue.stalledOut();
  for (const job of [...(await passQueue.inHand()), ...stalledOut.flatMap(({ jobs }) => jobs)])
    yield* recordOf('queued', job, async () => 'busy');
}

/** Ended before it is removed: who dies in between leaves a job that ends as soon as it is taken up. */
export async function removeJob(
  { erasure }: Pick<Stores, 'erasure'>,
  job: PassJob,
  remove: () => Promise<void>,
): Promise<Erased> {
  const end = await erasure.job(job);
  if (end === 'out') return 'busy';
  await remove();
  return 'erased';
}
