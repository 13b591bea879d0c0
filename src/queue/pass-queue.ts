/** The queue of calls to Passmachine, and the gate that keeps every worker of every process from it. */

import { type Job, Queue } from 'bullmq';
import { queueId } from '../job/job-id.ts';
import type { PassJob } from '../job/pass-job.ts';
import { defineScript, type RedisConnection } from '../kit/redis.ts';
import { passJobOptions, priorities, type Priority, queueNames } from './names.ts';

export interface PassQueue {
  /** Adds jobs; one whose id is in the queue already is left as it is. */
  add(jobs: readonly PassJob[], priority: Priority): Promise<void>;
  /** Lets no worker start a job for `ms`. A longer gate that stands is never shortened. */
  closeGate(ms: number): Promise<void>;
  /** Milliseconds until the gate opens, 0 when it is open. */
  gateMs(): Promise<number>;
  /** Jobs waiting for their turn or for their next attempt, and those that workers have in hand. */
  depth(): Promise<{ waiting: number; delayed: number; active: number }>;
  /** The jobs that workers have in hand, those taken first in front. */
  inHand(): Promise<InHand[]>;
  /** When (ms) the job that has waited longest for its turn was added; undefined where none waits. */
  oldestWaitingAt(): Promise<number | undefined>;
  /** A campaign's jobs that no worker is at, or those of all, in pages; whoever takes one out says so with `remove`. */
  waiting(campaign?: string): AsyncIterable<Waiting[]>;
  /** Takes a job out unless a worker has it now. */
  remove(job: PassJob): Promise<void>;
  /** Jobs that were taken off because their workers died with them again and again. */
  fallen(): Promise<Fallen[]>;
  /** How many worker processes serve this queue now. */
  workers(): Promise<number>;
  close(): Promise<void>;
}

export interface InHand {
  job: PassJob;
  /** When it was taken, ms since 1970. */
  since: number;
}

/** A job that waits for its turn or for its next attempt. */
export interface Waiting {
  job: PassJob;
  /** How often it was tried. */
  attempts: number;
  /** Forgets it; not where a worker has it now. Once it is forgotten this changes nothing. */
  remove(): Promise<void>;
}

export interface Fallen extends Waiting {
  /** Has it tried once more. */
  putBack(): Promise<void>;
}

/** Waiting jobs looked at at once. */
const PAGE = 500;

/** Fallen jobs looked at at once. */
const FALLEN = 100;

/**
 * BullMQ's rate limiter keeps one key: a count of this second's starts, or a number that no count reaches,
 * which keeps all jobs back. BullMQ lets the last such pause win; here the longest does. A key of our own
 * says the same to those who have a job in hand already.
 */
const closeGateScript = `
if redis.call('PTTL', KEYS[1]) >= tonumber(ARGV[1]) then return end
redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
redis.call('SET', KEYS[2], '9007199254740991', 'PX', ARGV[1])`;

/** BullMQ orders by priority and then by arrival: score = priority × 2³² + a counter. */
const oldestWaitingScript = `
local oldest = ''
local function look(id)
  local at = id and redis.call('HGET', KEYS[3] .. id, 'timestamp')
  if at and (oldest == '' or tonumber(at) < tonumber(oldest)) then oldest = at end
end
look(redis.call('LINDEX', KEYS[1], -1))
for _, priority in ipairs(ARGV) do
  local least, next = priority * 4294967296, (priority + 1) * 4294967296
  look(redis.call('ZRANGE', KEYS[2], string.format('%.0f', least), string.format('(%.0f', next), 'BYSCORE', 'LIMIT', 0, 1)[1])
end
return oldest`;

export function openPassQueue(redis: RedisConnection, prefix: string): PassQueue {
  const queue = new Queue<PassJob, void>(queueNames.pass, {
    connection: redis,
    prefix,
    // Nobody reads the event stream; the ledger has the facts.
    streams: { events: { maxLen: 100 } },
  });
  // It reconnects by itself; without a listener BullMQ would print every lost connection.
  queue.on('error', () => {});
  // The ledger's claims look at it.
  const gateKey = `${prefix}:gate`;
  const closeGate = defineScript(redis, 'closePassGate', closeGateScript);

  const oldestWaiting = defineScript(redis, 'oldestWaitingPassJob', oldestWaitingScript);

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
      await closeGate([gateKey, queue.toKey('limiter')], [Math.ceil(ms)]);
    },
    gateMs: async () => Math.max(0, await redis.pttl(gateKey)),
    async depth() {
      const counts = await queue.getJobCounts('wait', 'prioritized', 'delayed', 'active');
      return {
        waiting: (counts['wait'] ?? 0) + (counts['prioritized'] ?? 0),
        delayed: counts['delayed'] ?? 0,
        active: counts['active'] ?? 0,
      };
    },
    async inHand() {
      const jobs: (Job<PassJob, void> | undefined)[] = await queue.getJobs(['active']);
      return jobs
        .flatMap((job) =>
          // It may have ended since the list was read.
          job?.processedOn === undefined ? [] : [{ job: job.data, since: job.processedOn }],
        )
        .toSorted((a, b) => a.since - b.since || a.job.id.localeCompare(b.job.id));
    },
    async oldestWaitingAt() {
      const at = await oldestWaiting(
        [queue.toKey('wait'), queue.toKey('prioritized'), queue.toKey('')],
        Object.values(priorities),
      );
      return at === '' ? undefined : Number(at);
    },
    async *waiting(campaign) {
      // From the end: what is taken out meanwhile moves nothing that is still to be looked at.
      for (const kind of ['prioritized', 'wait', 'delayed'] as const) {
        for (let end = await queue.getJobCountByTypes(kind); end > 0; end -= PAGE) {
          const jobs = await queue.getJobs([kind], Math.max(0, end - PAGE), end - 1);
          yield jobs
            .filter((job) => job !== undefined && (campaign ?? job.data.campaign) === job.data.campaign)
            .map((job) => taken(job, job.attemptsMade + (job.data.tried ?? 0)));
        }
      }
    },
    remove: async (job) => void (await queue.remove(queueId(job))),
    async fallen() {
      const jobs = await queue.getFailed(0, FALLEN - 1);
      return jobs.map((job) =>
        Object.assign(taken(job, job.attemptsStarted), { putBack: () => job.retry() }),
      );
    },
    workers: () => queue.getWorkersCount(),
    close: () => queue.close(),
  };
}
