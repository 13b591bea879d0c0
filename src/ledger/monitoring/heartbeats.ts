/**
 * Heartbeats of processes, and their call counts of the last hour. All keys expire. A process writes only its own
 * totals, so writing is idempotent.
 */

import {
  BUCKET_MS,
  bucketOf,
  type CallBucket,
  type Heartbeat,
  type Upstream,
} from '../../domain/monitoring/heartbeat.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

/** The calls that one process has counted in one bucket so far. */
export interface CountedBucket {
  upstream: Upstream;
  /** Start of the bucket (ms): see `bucketOf`. */
  start: number;
  bucket: CallBucket;
}

export interface HeartbeatLedger {
  /** Records a heartbeat, valid for {@link ALIVE_MS}, and the calls counted. One round trip. */
  record(heartbeat: Heartbeat, counted: readonly CountedBucket[]): Promise<void>;
  /** Removes a process that stops. */
  remove(process: string): Promise<void>;
  /** Last heartbeats of the processes that are alive, oldest process first. */
  alive(): Promise<Heartbeat[]>;
  /** Calls of all processes in the buckets that start between two times (ms), by start of the bucket. */
  calls(upstream: Upstream, from: number, to: number): Promise<Map<number, CallBucket>>;
}

/** A process that is busy or briefly disconnected from Redis misses some heartbeats. */
export const ALIVE_MS = 10_000;

/** How long a process that has died stays listed. */
const LISTED_MS = 10 * 60_000;

/** One key holds ten minutes of buckets: seven keys cover an hour. */
const PAGE_MS = 60 * BUCKET_MS;
const KEPT_MS = 2 * 3_600_000;

export function makeHeartbeatLedger(redis: RedisConnection, keys: LedgerKeys): HeartbeatLedger {
  return {
    async record(heartbeat, counted) {
      const { process, at } = heartbeat;
      const writing = redis
        .pipeline()
        .set(keys.heartbeat(process), JSON.stringify(heartbeat), 'PX', ALIVE_MS)
        .zadd(keys.heartbeats, at, process)
        .zremrangebyscore(keys.heartbeats, '-inf', at - LISTED_MS)
        .pexpire(keys.heartbeats, LISTED_MS);
      for (const { upstream, start, bucket } of counted) {
        const page = keys.calls(upstream, pageOf(start));
        writing.hset(page, `${start}:${process}`, write(bucket)).pexpire(page, KEPT_MS);
      }
      const refusal = (await writing.exec())?.find(([error]) => error !== null)?.[0];
      if (refusal) throw refusal;
    },
    async remove(process) {
      await redis.multi().del(keys.heartbeat(process)).zrem(keys.heartbeats, process).exec();
    },
    async alive() {
      const known = await redis.zrange(keys.heartbeats, 0, '-1');
      if (known.length === 0) return [];
      const stored = await redis.mget(known.map(keys.heartbeat));
      return stored
        .flatMap((heartbeat) => (heartbeat === null ? [] : [JSON.parse(heartbeat) as Heartbeat]))
        .toSorted((a, b) => a.since - b.since);
    },
    async calls(upstream, from, to) {
      const pages: number[] = [];
      for (let page = pageOf(from); page <= to; page += PAGE_MS) pages.push(page);
      const found = await Promise.all(pages.map((page) => redis.hgetall(keys.calls(upstream, page))));
      const calls = new Map<number, CallBucket>();
      for (const page of found) {
        for (const [field, text] of Object.entries(page)) {
          const start = Number.parseInt(field, 10);
          if (start < bucketOf(from) || start > to) continue;
          const known = calls.get(start);
          if (known === undefined) calls.set(start, read(text));
          else addTo(known, read(text));
        }
      }
      return calls;
    },
  };
}

function pageOf(start: number): number {
  return Math.floor(start / PAGE_MS) * PAGE_MS;
}

function write({ calls, failures, durations }: CallBucket): string {
  return JSON.stringify([calls, failures, durations]);
}

function read(text: string): CallBucket {
  const [calls, failures, durations] = JSON.parse(text) as [number, number, CallBucket['durations']];
  return { calls, failures, durations };
}

function addTo(sum: CallBucket, { calls, failures, durations }: CallBucket): void {
  sum.calls += calls;
  sum.failures += failures;
  for (const [bin, count] of Object.entries(durations)) {
    sum.durations[Number(bin)] = (sum.durations[Number(bin)] ?? 0) + count;
  }
}
