/** Jobs that are still to be sent: parked ones, and those that wait in the queue. */

import type { PassJob } from '../../../domain/jobs/pass-job.ts';
import { isMeant, type Who } from '../../../domain/customers/customer-query.ts';
import type { Stores } from '../../stores.ts';
import { type Erased, namedIn, type Trace } from './erasable-record.ts';

type JobStores = Pick<Stores, 'campaigns' | 'parked' | 'passQueue' | 'erasure'>;

/** Those that workers have now are among them: they are busy. */
export async function* jobTraces(stores: JobStores, who: Who): AsyncGenerator<Trace> {
  const { campaigns, parked, passQueue } = stores;
  const traceOf = (kind: Trace['kind'], job: PassJob, erase: () => Promise<Erased>): Trace[] =>
    isMeant(who, job.customer) ? [{ kind, ...namedIn(job.customer, job.id), erase }] : [];

  for (const campaign of await campaigns.allIds()) {
    for (const job of await parked.list(campaign)) {
      yield* traceOf('parked', job, () => takeOut(stores, job, async () => {}));
    }
  }
  for await (const page of passQueue.waiting()) {
    for (const { job, remove } of page) yield* traceOf('queued', job, () => takeOut(stores, job, remove));
  }
  const fallen = await passQueue.fallen();
  for (const job of [...(await passQueue.inHand()), ...fallen.flatMap(({ jobs }) => jobs)])
    yield* traceOf('queued', job, async () => 'busy');
}

/** Ended before it is removed: who dies in between leaves a job that ends as soon as it is taken up. */
export async function takeOut(
  { erasure }: Pick<Stores, 'erasure'>,
  job: PassJob,
  remove: () => Promise<void>,
): Promise<Erased> {
  const end = await erasure.job(job);
  if (end === 'out') return 'busy';
  await remove();
  return 'erased';
}
