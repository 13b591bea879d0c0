/** What the queues are called and how their jobs behave. */

import type { JobsOptions, KeepJobs } from 'bullmq';

export const queueNames = { pass: 'pass', campaign: 'campaign' } as const;

/**
 * Lower goes first. Every job has one of at least 1: BullMQ runs jobs without a priority before all
 * others, and keeps that place for jobs recovered from a dead worker.
 */
export const priorities = { webhook: 1, singleRetry: 2, schedule: 5, campaign: 10, bulkRetry: 12 } as const;

export type Priority = keyof typeof priorities;

/**
 * Options of each entry of the pass queue. They are stored with every single one, so there are few. What is
 * tried again comes back as an entry of its own; these attempts are for moments in which Redis says no.
 */
export function passEntryOptions(jobId: string, priority: number): JobsOptions {
  return { jobId, priority, attempts: 1000, backoff: { type: 'fixed', delay: 1000 }, stackTraceLimit: 1 };
}

/** The ledger remembers what became of a job, so the queue need not. */
export const keepNothing: KeepJobs = { count: 0 };

/**
 * How soon a dead worker is noticed. The lock outlives the longest HTTP call (10 s), so that a
 * killed process’s slots stay taken while Passmachine may still be at work on its calls.
 */
export const liveness = {
  lockDuration: 12_000,
  stalledInterval: 2500,
  maxStalledCount: 3,
  drainDelay: 0.5,
} as const;
