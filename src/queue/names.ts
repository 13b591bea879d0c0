/** Names, priorities and BullMQ options of the queues. */

import type { JobsOptions, KeepJobs } from 'bullmq';

export const queueNames = { pass: 'pass', campaign: 'campaign' } as const;

/**
 * Lower numbers go first. Every job must have a priority of at least 1: BullMQ runs jobs without one before all others,
 * and puts jobs recovered from a dead worker among them.
 */
export const priorities = { webhook: 1, singleRetry: 2, campaign: 10, bulkRetry: 12 } as const;

export type Priority = keyof typeof priorities;

/**
 * Returns the options of a job in the pass queue. BullMQ stores them with every job, so they are few. `attempts`
 * covers errors of Redis only; a failed call is retried by adding a new job.
 */
export function jobOptions(jobId: string, priority: number): JobsOptions {
  return { jobId, priority, attempts: 1000, backoff: { type: 'fixed', delay: 1000 }, stackTraceLimit: 1 };
}

/** The ledger records the outcome of every job, so the queue keeps none. */
export const keepNothing: KeepJobs = { count: 0 };

/**
 * How soon BullMQ notices a dead worker. The lock outlives the longest HTTP call (10 s), so the slots of a killed
 * process stay taken while Passmachine may still be processing its calls.
 */
export const liveness = {
  lockDuration: 12_000,
  stalledInterval: 2500,
  maxStalledCount: 3,
  drainDelay: 1,
} as const;
