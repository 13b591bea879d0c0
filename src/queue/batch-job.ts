/**
 * What stands in the pass queue as one job of BullMQ's, which costs some forty commands of Redis however
 * little it holds: up to ten calls of a campaign, taken together and ended one by one. Whatever comes back
 * alone stands alone.
 */

import { createHash } from 'node:crypto';
import { queueId } from '../domain/jobs/job-id.ts';
import type { PassJob, QueuedJob } from '../domain/jobs/pass-job.ts';

/** Several jobs of one campaign. Workers that know single jobs only (1) leave it alone. */
interface Bundle {
  v: 2;
  jobs: PassJob[];
}

export type Entry = PassJob | Bundle;

/** The newest version of {@link Entry} that is known here. */
export const ENTRY_VERSION = 2;

/** As many as are called at once: one bundle keeps ten slots busy, and two workers are fed by two. */
const BUNDLE_SIZE = 10;

/** Jobs in the order in which they came, each bundle of one campaign. */
export function bundled(jobs: readonly PassJob[]): PassJob[][] {
  const bundles: PassJob[][] = [];
  for (const job of jobs) {
    const last = bundles.at(-1);
    if (last !== undefined && last.length < BUNDLE_SIZE && last[0]?.campaign === job.campaign) last.push(job);
    else bundles.push([job]);
  }
  return bundles;
}

export function entryOf(jobs: readonly PassJob[]): Entry {
  const [first] = jobs;
  return jobs.length === 1 && first !== undefined ? first : { v: 2, jobs: [...jobs] };
}

/**
 * The id of an entry, which tells how many jobs it was made of. The same jobs make the same id, so that adding
 * them twice adds them once; whatever differs in one of them makes another, or the queue would drop it.
 */
export function entryId(jobs: readonly PassJob[]): string {
  const ids = jobs.map(queueId);
  if (ids.length === 1) return ids.join();
  const digest = createHash('sha1').update(ids.join()).digest('hex').slice(0, 16);
  return `${ids[0]}-${digest}~${ids.length}`;
}

/** The jobs of an entry as a worker takes them; undefined where it is of a newer version. */
export function jobsIn(entry: Entry, id: string): QueuedJob[] | undefined {
  if (entry.v > ENTRY_VERSION) return undefined;
  const jobs = 'jobs' in entry ? entry.jobs : [entry];
  return jobs.map((job) => inStay(job, id));
}

function inStay(job: PassJob, entry: string): QueuedJob {
  return { ...job, stay: `${job.id}@${entry}` };
}
