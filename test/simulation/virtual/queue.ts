/**
 * Stands for BullMQ, whose blocking reads and own timers cannot be driven from outside: priorities, delays, ids that are
 * ignored while they exist, locks that expire, deliveries after that, and jobs given up after four workers. Its
 * operations run in the order of the process's Redis commands and may be lost with its connection.
 */

import {
  queuedJobsOf,
  batchJobData,
  batchJobId,
  type BatchJobData,
  groupIntoBatches,
} from '../../../src/queue/batch-job.ts';
import { type PassJob, type QueuedJob, withoutDeliveryId } from '../../../src/domain/jobs/pass-job.ts';
import { liveness, priorities, type Priority } from '../../../src/queue/names.ts';

interface BatchJob {
  id: string;
  data: BatchJobData;
  priority: number;
  nth: number;
  /** Not taken before, ms. */
  dueAt: number;
  /** The worker that has taken it; undefined while it waits. */
  lock: { token: string; until: number } | undefined;
  timesTaken: number;
  timesStalled: number;
}

export interface Taken {
  id: string;
  jobs: QueuedJob[];
  priority: number;
}

export type VirtualQueue = ReturnType<typeof makeVirtualQueue>;

export function makeVirtualQueue(now: () => number) {
  const batchJobs = new Map<string, BatchJob>();
  const feeds = new Map<string, { process: string; until: number }>();
  let added = 0;
  let gateUntil = 0;

  const put = (id: string, data: BatchJobData, priority: number, delayMs: number) => {
    if (batchJobs.has(id)) return;
    const nth = (added += 1);
    batchJobs.set(id, {
      id,
      data,
      priority,
      nth,
      dueAt: now() + delayMs,
      lock: undefined,
      timesTaken: 0,
      timesStalled: 0,
    });
  };

  const owned = (id: string, token: string) => {
    const batchJob = batchJobs.get(id);
    return batchJob?.lock?.token === token ? batchJob : undefined;
  };

  return {
    add(jobs: readonly PassJob[], priority: Priority) {
      for (const batch of groupIntoBatches(jobs))
        put(batchJobId(batch), batchJobData(batch), priorities[priority], 0);
    },
    retryLater(job: QueuedJob, delayMs: number, priority: number) {
      const next = { ...withoutDeliveryId(job), requeues: (job.requeues ?? 0) + 1 };
      put(batchJobId([next]), next, priority, delayMs);
    },
    keepOnly(id: string, jobs: readonly QueuedJob[]) {
      const batchJob = batchJobs.get(id);
      if (batchJob !== undefined) batchJob.data = { v: 2, jobs: jobs.map(withoutDeliveryId) };
    },
    closeGate(ms: number) {
      gateUntil = Math.max(gateUntil, now() + ms);
    },
    take(token: string): Taken | undefined {
      if (gateUntil > now()) return undefined;
      const next = [...batchJobs.values()]
        .filter(({ lock, dueAt }) => lock === undefined && dueAt <= now())
        .toSorted((one, other) => one.priority - other.priority || one.nth - other.nth)[0];
      if (next === undefined) return undefined;
      next.lock = { token, until: now() + liveness.lockDuration };
      next.timesTaken += 1;
      return {
        id: next.id,
        jobs: queuedJobsOf(next.data, next.id, next.timesTaken) ?? [],
        priority: next.priority,
      };
    },
    /** Extends the lock of a worker; false if the batch job is no longer its. */
    renew(id: string, token: string): boolean {
      const batchJob = owned(id, token);
      if (batchJob?.lock === undefined) return false;
      batchJob.lock.until = now() + liveness.lockDuration;
      return true;
    },
    complete(id: string, token: string) {
      if (owned(id, token) !== undefined) batchJobs.delete(id);
    },
    giveBack(id: string, token: string, delayMs: number) {
      const batchJob = owned(id, token);
      if (batchJob === undefined) return;
      batchJob.lock = undefined;
      batchJob.dueAt = now() + delayMs;
    },
    /** Returns batch jobs of expired locks to the queue, and those of too many dead workers to the caller. */
    checkStalled(): (Taken & { attempts: number })[] {
      const dead: (Taken & { attempts: number })[] = [];
      for (const batchJob of batchJobs.values()) {
        if (batchJob.lock === undefined || batchJob.lock.until > now()) continue;
        batchJob.timesStalled += 1;
        const { id, data, priority, timesTaken } = batchJob;
        if (batchJob.timesStalled <= liveness.maxStalledCount) batchJob.lock = undefined;
        else dead.push({ id, jobs: queuedJobsOf(data, id) ?? [], priority, attempts: timesTaken });
      }
      return dead;
    },
    remove: (id: string) => void batchJobs.delete(id),
    /** Locks a campaign for a feeder. */
    takeFeed(campaign: string, process: string): boolean {
      const lock = feeds.get(campaign);
      if (lock !== undefined && lock.until > now()) return false;
      feeds.set(campaign, { process, until: now() + liveness.lockDuration });
      return true;
    },
    endFeed(campaign: string, process: string) {
      if (feeds.get(campaign)?.process === process) feeds.delete(campaign);
    },
  };
}
