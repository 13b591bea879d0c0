/** The queue of calls to Passmachine, and the gate that keeps every worker of every process from it. */

import { type Job, Queue } from 'bullmq';
import { queueId } from '../domain/jobs/job-id.ts';
import { type PassJob, type QueuedJob, withoutStay } from '../domain/jobs/pass-job.ts';
import { defineScript, type RedisConnection } from '../kit/redis/redis.ts';
import { bundled, type Entry, entryId, entryOf, jobsIn } from './batch-job.ts';
import { liveness, passEntryOptions, priorities, type Priority, queueNames } from './names.ts';
import { lookAtPassQueue, type PassQueueLook } from './queue-preview.ts';

export interface PassQueue extends PassQueueLook {
  /** Adds jobs; one whose id is in the queue already is left as it is. */
  add(jobs: readonly PassJob[], priority: Priority): Promise<void>;
  /** Has a job that a worker has in hand come back in `delayMs`, in a stay of its own; `priority` as it has. */
  retryLater(job: QueuedJob, delayMs: number, priority: number): Promise<void>;
  /** Has only these of an entry's jobs stay in it: a worker that has it in hand goes on with them later. */
  leave(entry: string, jobs: readonly QueuedJob[]): Promise<void>;
  /** Whether a worker that has an entry in hand may go on with it after Redis was away; its lock lives again then. */
  hold(entry: string, token: string): Promise<boolean>;
  /** Adds an entry that left too early, as it was. */
  restore(entry: Pick<Job<Entry, void>, 'id' | 'data' | 'opts'>): Promise<void>;
  /** Lets no worker start a job for `ms`. A longer gate that stands is never shortened. */
  closeGate(ms: number): Promise<void>;
  /** Milliseconds until the gate opens, 0 when it is open. */
  gateMs(): Promise<number>;
  /** A campaign's jobs that no worker is at, or those of all, in pages; whoever takes one out says so with `remove`. */
  waiting(campaign?: string): AsyncIterable<Waiting[]>;
  /** Takes a job out unless a worker has it now. */
  remove(job: PassJob): Promise<void>;
  /** What was taken off because its workers died with it again and again. */
  stalledOut(): Promise<StalledOut[]>;
  /** How many worker processes serve this queue now. */
  workers(): Promise<number>;
  close(): Promise<void>;
}

/** A job that waits for its turn or for its next attempt. */
export interface Waiting {
  job: QueuedJob;
  /** Forgets it; not where a worker has it now. Once it is forgotten this changes nothing. */
  remove(): Promise<void>;
}

/** Jobs that were taken together by each of the workers that died. */
export interface StalledOut {
  jobs: QueuedJob[];
  /** How often they were taken. */
  times: number;
  priority: number;
  /** Forgets all of them. */
  remove(): Promise<void>;
}

/** Entries looked at at once. */
const PAGE = 100;

/** Fallen entries looked at at once. */
const STALLED_OUT = 100;

/**
 * BullMQ's rate limiter keeps one key: a count of this second's starts, or a number that no count reaches,
 * which keeps all jobs back. BullMQ lets the last such pause win; here the longest does. A key of our own
 * says the same to those who have a job in hand already.
 */
const closeGateScript = `
if redis.call('PTTL', KEYS[1]) >= tonumber(ARGV[1]) then return end
redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
redis.call('SET', KEYS[2], '9007199254740991', 'PX', ARGV[1])`;

/**
 * A lock that ran out while nobody could renew it is still its worker's, unless another has taken the entry or
 * it was put back into the line. BullMQ's own extendLock gives up a lock that ran out.
 */
const holdScript = `
local lock, active, stalled = unpack(KEYS)
local id, token, ttl = unpack(ARGV)
local holder = redis.call('GET', lock)
if holder and holder ~= token then return 0 end
if not holder and not redis.call('LPOS', active, id) then return 0 end
redis.call('SET', lock, token, 'PX', ttl)
redis.call('SREM', stalled, id)
return 1`;

/** Only as it was read, where that is given, so that two who take jobs out of one entry do not undo each other's work. */
const leaveScript = `
local now = redis.call('HGET', KEYS[1], 'data')
if not now or (ARGV[2] and now ~= ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'data', ARGV[1])
return 1`;

export function openPassQueue(redis: RedisConnection, prefix: string): PassQueue {
  const queue = new Queue<Entry, void>(queueNames.pass, {
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
  const hold = defineScript(redis, 'holdPassEntry', holdScript);
  const leaveScripted = defineScript(redis, 'leavePassJobs', leaveScript);

  /** `asRead`: the entry's data, where it must not have changed since. */
  const leave = async (id: string, jobs: PassJob[], ...asRead: string[]): Promise<boolean> => {
    const data = JSON.stringify({ v: 2, jobs } satisfies Entry);
    return (await leaveScripted([queue.toKey(id)], [data, ...asRead])) === 1;
  };

  /** Takes one job out of its entry, and the entry with the last of them. */
  const removeJob = async (id: string, job: PassJob): Promise<void> => {
    for (;;) {
      const data = await redis.hget(queue.toKey(id), 'data');
      if (data === null) return;
      const entry = JSON.parse(data) as Entry;
      const jobs = 'jobs' in entry ? entry.jobs : [entry];
      const rest = jobs.filter((other) => queueId(other) !== queueId(job));
      if (rest.length === jobs.length) return;
      if (rest.length === 0) return void (await queue.remove(id));
      if (await leave(id, rest, data)) return;
    }
  };

  async function* waiting(campaign?: string): AsyncIterable<Waiting[]> {
    // From the end: what is taken out meanwhile moves nothing that is still to be looked at.
    for (const kind of ['prioritized', 'wait', 'delayed'] as const) {
      for (let end = await queue.getJobCountByTypes(kind); end > 0; end -= PAGE) {
        const entries: (Job<Entry, void> | undefined)[] = await queue.getJobs(
          [kind],
          Math.max(0, end - PAGE),
          end - 1,
        );
        yield entries.flatMap((entry) =>
          jobsOf(entry)
            .filter((job) => (campaign ?? job.campaign) === job.campaign)
            .map((job) => ({ job, remove: () => removeJob(entry?.id ?? '', job) })),
        );
      }
    }
  }

  return {
    ...lookAtPassQueue(redis, queue),
    async add(jobs, priority) {
      await queue.addBulk(
        bundled(jobs).map((bundle) => ({
          name: bundle[0]?.action ?? '',
          data: entryOf(bundle),
          opts: passEntryOptions(entryId(bundle), priorities[priority]),
        })),
      );
    },
    async retryLater(job, delayMs, priority) {
      const next = { ...withoutStay(job), again: (job.again ?? 0) + 1 };
      await queue.add(next.action, next, { ...passEntryOptions(entryId([next]), priority), delay: delayMs });
    },
    async hold(id, token) {
      const keys = [`${id}:lock`, 'active', 'stalled'].map((name) => queue.toKey(name));
      return (await hold(keys, [id, token, liveness.lockDuration])) === 1;
    },
    async restore({ id = '', data, opts }) {
      await queue.add('taken back', data, passEntryOptions(id, opts.priority ?? 0));
    },
    leave: async (id, jobs) => void (await leave(id, jobs.map(withoutStay))),
    async closeGate(ms) {
      await closeGate([gateKey, queue.toKey('limiter')], [Math.ceil(ms)]);
    },
    gateMs: async () => Math.max(0, await redis.pttl(gateKey)),
    waiting,
    async remove(job) {
      for await (const page of waiting(job.campaign)) {
        for (const one of page) if (queueId(one.job) === queueId(job)) await one.remove();
      }
    },
    async stalledOut() {
      const entries = await queue.getFailed(0, STALLED_OUT - 1);
      return entries.flatMap((entry) => {
        const jobs = jobsOf(entry);
        const remove = async () => void (await queue.remove(entry.id ?? ''));
        const { attemptsStarted: times, opts } = entry;
        return jobs.length === 0 ? [] : [{ jobs, times, priority: opts.priority ?? 0, remove }];
      });
    },
    workers: () => queue.getWorkersCount(),
    close: () => queue.close(),
  };
}

/** None of an entry that ended since its id was read, or that is of a newer version. */
function jobsOf(entry: Job<Entry, void> | undefined): QueuedJob[] {
  return entry === undefined ? [] : (jobsIn(entry.data, entry.id ?? '') ?? []);
}
