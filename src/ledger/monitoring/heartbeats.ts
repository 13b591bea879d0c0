/**
 * Which processes are alive, and how many calls they made in the last hour. All of it expires by
 * itself. A process writes totals of its own and never adds to others', so that writing twice changes nothing.
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

/** What one process has counted in one span so far. */
export interface CountedBucket {
  upstream: Upstream;
  /** When the span began: see `bucketOf`. */
  start: number;
  bucket: CallBucket;
}

export interface HeartbeatLedger {
  /** The process is alive for the next {@link ALIVE_MS}, and has counted this. One round trip. */
  heartbeat(heartbeat: Heartbeat, counted: readonly CountedBucket[]): Promise<void>;
  /** It is gone. */
  end(process: string): Promise<void>;
  /** The processes that are alive, those that began first in front. */
  living(): Promise<Heartbeat[]>;
  /** The calls of all processes in the spans that began from one time to another, by the begin of the span. */
  calls(upstream: Upstream, from: number, to: number): Promise<Map<number, CallBucket>>;
}

/** A process that is busy or has lost Redis for a moment misses some beats. */
export const ALIVE_MS = 10_000;

/** Longer than clocks of different hosts disagree. */
const LISTED_MS = 10 * 60_000;

/** Spans are kept together by ten minutes: seven keys hold an hour. */
const PAGE_MS = 60 * BUCKET_MS;
const KEPT_MS = 2 * 3_600_000;

export function makeHeartbeatLedger(redis: RedisConnection, keys: LedgerKeys): HeartbeatLedger {
  return {
    async heartbeat(heartbeat, counted) {
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
    async end(process) {
      await redis.multi().del(keys.heartbeat(process)).zrem(keys.heartbeats, process).exec();
    },
    async living() {
      const known = await redis.zrange(keys.heartbeats, 0, '-1');
      if (known.length === 0) return [];
      const told = await redis.mget(known.map(keys.heartbeat));
      return told
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
