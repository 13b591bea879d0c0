/**
 * A batch job: one BullMQ job that carries up to ten pass jobs of a campaign. A BullMQ job costs about forty Redis
 * commands whatever it contains, so its pass jobs share that cost; they are taken together and end one by one.
 * A pass job that is requeued gets a batch job of its own.
 */

import { createHash } from 'node:crypto';
import { queueId } from '../domain/jobs/job-id.ts';
import type { PassJob, QueuedJob } from '../domain/jobs/pass-job.ts';

/** A single pass job is stored as it is (version 1), several as version 2. */
export type BatchJobData = PassJob | { v: 2; jobs: PassJob[] };

/** The newest version of {@link BatchJobData} that this process can read. */
export const BATCH_JOB_VERSION = 2;

/** Equals the default number of slots: one batch job keeps ten slots busy, and two keep two workers busy. */
const MAX_BATCH_SIZE = 10;

/** Groups jobs into batches in their order. All jobs of a batch belong to one campaign. */
export function groupIntoBatches(jobs: readonly PassJob[]): PassJob[][] {
  const batches: PassJob[][] = [];
  for (const job of jobs) {
    const last = batches.at(-1);
    if (last !== undefined && last.length < MAX_BATCH_SIZE && last[0]?.campaign === job.campaign)
      last.push(job);
    else batches.push([job]);
  }
  return batches;
}

export function batchJobData(jobs: readonly PassJob[]): BatchJobData {
  const [first] = jobs;
  return jobs.length === 1 && first !== undefined ? first : { v: 2, jobs: [...jobs] };
}

/**
 * Returns the BullMQ job id, which ends with the number of jobs, e.g. `run-1-0f3a…~10`. The same jobs give the same
 * id, so adding them twice adds them once; different jobs must give another id, or BullMQ would drop them.
 */
export function batchJobId(jobs: readonly PassJob[]): string {
  const ids = jobs.map(queueId);
  if (ids.length === 1) return ids.join();
  const digest = createHash('sha1').update(ids.join()).digest('hex').slice(0, 16);
  return `${ids[0]}-${digest}~${ids.length}`;
}

/**
 * Returns the pass jobs of a batch job with their delivery ids; undefined if its version is newer. `timesTaken`: how
 * often a worker has taken the batch job.
 */
export function queuedJobsOf(data: BatchJobData, id: string, timesTaken = 1): QueuedJob[] | undefined {
  if (data.v > BATCH_JOB_VERSION) return undefined;
  const jobs = 'jobs' in data ? data.jobs : [data];
  return jobs.map((job) => queuedJob(job, id, timesTaken > 1));
}

function queuedJob(job: PassJob, batchJob: string, isRedelivered: boolean): QueuedJob {
  return { ...job, deliveryId: `${job.id}@${batchJob}`, ...(isRedelivered && { isRedelivered }) };
}
