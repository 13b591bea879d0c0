/** The queue of calls to Passmachine, and the gate that keeps every worker of every process from it. */

import { type Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { queueId } from '../job/job-id.ts';
import type { PassJob } from '../job/pass-job.ts';
import { defineScript } from '../kit/redis.ts';
import { passJobOptions, type Priority, queueNames } from './names.ts';

export interface PassQueue {
  /** Adds jobs; one whose id is in the queue already is left as it is. */
  add(jobs: readonly PassJob[], priority: Priority): Promise<void>;
  /** Lets no worker start a job for `ms`. A longer gate that stands is never shortened. */
  closeGate(ms: number): Promise<void>;
  /** Milliseconds until the gate opens, 0 when it is open. */
  gateMs(): Promise<number>;
  /** Jobs waiting for their turn or for their next attempt, and calls in flight. */
  depth(): Promise<{ waiting: number; delayed: number; active: number }>;
  /** A campaign's jobs that no worker is at, in pages; whoever takes one out says so with `remove`. */
  waiting(campaign: string): AsyncIterable<Waiting[]>;
  /** Jobs that were taken off because their workers died with them again and again. */
  fallen(): Promise<Fallen[]>;
  /** How many worker processes serve this queue now. */
  workers(): Promise<number>;
  close(): Promise<void>;
}

export interface Fallen {
  job: PassJob;
  /** How often it was tried. */
  attempts: number;
  /** Forgets it; once it is forgotten this changes nothing. */
  remove(): Promise<void>;
}

/** A job that waits for its turn or for its next attempt. `remove` leaves it where a worker has it now. */
export type Waiting = Fallen;

/** Waiting jobs looked at at once. */
const PAGE = 500;

/** Fallen jobs looked at at once. */
const FALLEN = 100;

/**
 * BullMQ's rate limiter keeps one key: a count of this second's starts, or a number that no count
 * reaches, which is the gate. BullMQ lets the last gate win; here the longest does.
 */
const closeGateScript = `
local gate = 9007199254740991
local standing = tonumber(redis.call('GET', KEYS[1]) or 0) >= gate
if standing and redis.call('PTTL', KEYS[1]) >= tonumber(ARGV[1]) then return end
redis.call('SET', KEYS[1], '9007199254740991', 'PX', ARGV[1])`;

export function openPassQueue(redis: Redis, prefix: string): PassQueue {
  const queue = new Queue<PassJob, void>(queueNames.pass, {
    connection: redis,
    prefix,
    // Nobody reads the event stream; the ledger has the facts.
    streams: { events: { maxLen: 100 } },
  });
  // It reconnects by itself; without a listener BullMQ would print every lost connection.
  queue.on('error', () => {});
  const closeGate = defineScript(redis, 'closePassGate', closeGateScript);

  const taken = (job: Job<PassJob, void>, attempts: number) => ({
    job: job.data,
    attempts,
    remove: async () => void (await queue.remove(job.id ?? '')),
  });

  return {
    async add(jobs, priority) {
      await queue.addBulk(
        jobs.map((job) => ({ name: job.action, data: job, opts: passJobOptions(queueId(job), priority) })),
      );
    },
    async closeGate(ms) {
      await closeGate([queue.toKey('limiter')], [Math.ceil(ms)]);
    },
    gateMs: async () => Math.max(0, await queue.getRateLimitTtl()),
    async depth() {
      const counts = await queue.getJobCounts('wait', 'prioritized', 'delayed', 'active');
      return {
        waiting: (counts['wait'] ?? 0) + (counts['prioritized'] ?? 0),
        delayed: counts['delayed'] ?? 0,
        active: counts['active'] ?? 0,
      };
    },
    async *waiting(campaign) {
      // From the end: what is taken out meanwhile moves nothing that is still to be looked at.
      for (const kind of ['prioritized', 'wait', 'delayed'] as const) {
        for (let end = await queue.getJobCountByTypes(kind); end > 0; end -= PAGE) {
          const jobs = await queue.getJobs([kind], Math.max(0, end - PAGE), end - 1);
          yield jobs
            .filter((job) => job?.data.campaign === campaign)
            .map((job) => taken(job, job.attemptsMade + (job.data.tried ?? 0)));
        }
      }
    },
    async fallen() {
      const jobs = await queue.getFailed(0, FALLEN - 1);
      return jobs.map((job) => taken(job, job.attemptsStarted));
    },
    workers: () => queue.getWorkersCount(),
    close: () => queue.close(),
  };
}
