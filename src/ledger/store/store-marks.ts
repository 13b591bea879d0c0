/**
 * Marks by which a store that went back in time is recognized. Every home, which is a DATA_DIR with its processes,
 * advances a counter of its own while it works, and keeps a copy outside Redis. A store whose counter is behind that
 * copy was restored. Each home has its own counter, so that the work of others cannot hide what it has lost.
 */

import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import {
  defineReplicatedScript,
  NotReplicatedError,
  type ReplicationOptions,
} from '../../kit/redis/replicated-script.ts';
import type { LedgerKeys } from '../keys.ts';

export interface StoreMark {
  /** How often the store was found restored, from 1. */
  epoch: number;
  /** About two for each second in which the home worked; 0: the store does not know the home. */
  count: number;
  /** Redis' time of the last advance, ms since 1970. */
  at: number;
}

export interface Advanced {
  mark: StoreMark;
  /** Time of the advance before, ms since 1970; 0 if there was none. */
  previousAt: number;
  /** Whether the required replicas have the mark, so that a failover does not lose it. */
  isReplicated: boolean;
}

export interface StoreMarks {
  /** Advances a home's counter, at most once in {@link ADVANCE_MS}, and returns its mark. */
  advance(home: string): Promise<Advanced>;
  read(home: string): Promise<StoreMark>;
  /** Names of all homes. */
  homes(): Promise<string[]>;
  /**
   * Begins a new epoch behind a mark that was seen outside, so that the store counts as current from now on. Does
   * nothing if another process did so: the store's epoch is behind the one seen already.
   */
  beginEpoch(home: string, seen: StoreMark): Promise<StoreMark>;
  /** Forgets homes that have not worked since a time (ms since 1970). */
  prune(before: number): Promise<void>;
}

/** A home's processes share its counter, so it counts time whatever their number. */
const ADVANCE_MS = 400;

const readLua = `
local function read(marks, home)
  local count, at = (redis.call('HGET', marks, home) or '0 0'):match('(%d+) (%d+)')
  return tonumber(redis.call('HGET', marks, 'epoch') or 1), tonumber(count), tonumber(at)
end
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function write(marks, home, count, at)
  redis.call('HSET', marks, home, string.format('%.0f %.0f', count, at))
end`;

const readScript = `${readLua}
return { read(KEYS[1], ARGV[1]) }`;

/** A clock that was set back must not stop the counter. Writes always, as replicated scripts must. */
const advanceScript = `${readLua}
local epoch, count, at = read(KEYS[1], ARGV[1])
local now, previousAt = nowMs(), at
if now - at >= ${ADVANCE_MS} or now < at then
  count, at = count + 1, now
end
write(KEYS[1], ARGV[1], count, at)
return { epoch, count, at, previousAt }`;

const beginEpochScript = `${readLua}
local marks, home = KEYS[1], ARGV[1]
local seenEpoch, seenCount = tonumber(ARGV[2]), tonumber(ARGV[3])
local epoch, count = read(marks, home)
if epoch <= seenEpoch then
  epoch = seenEpoch + 1
  redis.call('HSET', marks, 'epoch', epoch)
end
count = math.max(count, seenCount) + 1
local now = nowMs()
write(marks, home, count, now)
return { epoch, count, now }`;

/** `replicas`: those that must acknowledge a mark; absent for none. */
export function makeStoreMarks(
  redis: RedisConnection,
  keys: LedgerKeys,
  replicas?: ReplicationOptions,
): StoreMarks {
  const { storeMarks } = keys;
  const read = defineScript(redis, 'readStoreMark', readScript);
  const advance = defineScript(redis, 'advanceStoreMark', advanceScript);
  const advanceReplicated = defineReplicatedScript(redis, replicas, 'advanceStoreMark', advanceScript);
  const beginEpoch = defineScript(redis, 'beginStoreEpoch', beginEpochScript);
  return {
    async advance(home) {
      const params = [[storeMarks], [home]] as const;
      const replicated = await advanceReplicated(...params).catch((error: unknown) => {
        if (error instanceof NotReplicatedError) return undefined;
        throw error;
      });
      const reply = (replicated ?? (await advance(...params))) as [number, number, number, number];
      return { mark: markOf(reply), previousAt: reply[3], isReplicated: replicated !== undefined };
    },
    read: async (home) => markOf(await read([storeMarks], [home])),
    homes: async () => (await redis.hkeys(storeMarks)).filter((name) => name !== 'epoch'),
    beginEpoch: async (home, { epoch, count }) =>
      markOf(await beginEpoch([storeMarks], [home, epoch, count])),
    async prune(before) {
      const marks = Object.entries(await redis.hgetall(storeMarks));
      const old = marks.filter(([name, mark]) => name !== 'epoch' && Number(mark.split(' ')[1]) < before);
      if (old.length > 0) await redis.hdel(storeMarks, ...old.map(([name]) => name));
    },
  };
}

function markOf(reply: unknown): StoreMark {
  const [epoch, count, at] = reply as [number, number, number];
  return { epoch, count, at };
}
