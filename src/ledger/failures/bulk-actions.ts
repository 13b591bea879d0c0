/**
 * Bulk actions and their progress. `done` is counted by the scripts that deal with a failure (see failure-actions.ts);
 * the excluded failures are counted by the process that runs the bulk action, and counted again after a restart.
 */

import type {
  BulkAction,
  BulkActionOrder,
  BulkActionStatus,
  ExcludedFailure,
} from '../../domain/failures/bulk-action.ts';
import { finalStates } from '../../domain/jobs/outcome.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface BulkActions {
  /** Creates a waiting bulk action. `total`: number of failures it applies to. */
  open(order: BulkActionOrder, total: number): Promise<void>;
  find(id: string): Promise<BulkAction | undefined>;
  /** Newest first. */
  list(limit: number): Promise<BulkAction[]>;
  /** Ids of those that wait or run. */
  openIds(): Promise<string[]>;
  /** Starts or restarts a bulk action and clears the excluded failures. Undefined if it has ended or was cancelled. */
  start(id: string): Promise<BulkActionOrder | undefined>;
  isRunning(id: string): Promise<boolean>;
  /** Stores the counts of excluded failures and appends the new ones; the first 1,000 are kept. */
  recordExcluded(
    id: string,
    excluded: BulkAction['excluded'],
    added: readonly ExcludedFailure[],
  ): Promise<void>;
  /** The first 1,000 excluded failures. */
  listExcluded(id: string): Promise<ExcludedFailure[]>;
  /** Cancels a bulk action that has not ended. */
  cancel(id: string, now: number): Promise<void>;
  end(id: string, now: number): Promise<void>;
  /** Removes the bulk actions that were limited to one of these campaigns. */
  removeOf(campaigns: ReadonlySet<string>): Promise<void>;
  /**
   * Erases what bulk actions quote of these jobs: details of excluded failures, and the reason and typed values of
   * a bulk action on these jobs alone. Returns the number of changes. Who did it, and the counts, stay.
   */
  eraseJobs(jobs: ReadonlySet<string>): Promise<number>;
}

const KEPT_MS = 90 * 86_400_000;
const MAX_EXCLUDED = 1000;

const startScript = `
local bulkAction, excluded = unpack(KEYS)
local status = redis.call('HGET', bulkAction, 'status')
if status ~= 'waiting' and status ~= 'running' then return false end
redis.call('HSET', bulkAction, 'status', 'running', 'excluded', '{}')
redis.call('DEL', excluded)
return redis.call('HGET', bulkAction, 'order')`;

const endScript = `
local bulkAction, open = unpack(KEYS)
local id, to, now = unpack(ARGV)
redis.call('SREM', open, id)
local status = redis.call('HGET', bulkAction, 'status')
if status == 'running' or (status == 'waiting' and to == 'cancelled') then
  redis.call('HSET', bulkAction, 'status', to, 'endedAt', now)
end`;

const replaceExcludedScript = `
local index = redis.call('LPOS', KEYS[1], ARGV[1])
if not index then return 0 end
redis.call('LSET', KEYS[1], index, ARGV[2])
return 1`;

const replaceOrderScript = `
if redis.call('HGET', KEYS[1], 'order') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'order', ARGV[2])
return 1`;

export function makeBulkActions(redis: RedisConnection, keys: LedgerKeys): BulkActions {
  const start = defineScript(redis, 'startBulkAction', startScript);
  const end = defineScript(redis, 'endBulkAction', endScript);
  const replaceExcluded = defineScript(redis, 'replaceExcluded', replaceExcludedScript);
  const replaceOrder = defineScript(redis, 'replaceBulkActionOrder', replaceOrderScript);

  const find = async (id: string) => readBulkAction(await redis.hgetall(keys.bulkAction(id)));
  const endAs = async (id: string, status: BulkActionStatus, now: number) => {
    await end([keys.bulkAction(id), keys.openBulkActions], [id, status, now]);
  };

  const eraseDetails = async (id: string, jobs: ReadonlySet<string>): Promise<number> => {
    let erased = 0;
    for (const text of await redis.lrange(keys.excluded(id), 0, -1)) {
      const { detail, ...rest } = JSON.parse(text) as ExcludedFailure;
      if (detail === undefined || rest.job === undefined || !jobs.has(rest.job)) continue;
      erased += Number(await replaceExcluded([keys.excluded(id)], [text, JSON.stringify(rest)]));
    }
    return erased;
  };

  const eraseTyped = async (id: string, jobs: ReadonlySet<string>): Promise<number> => {
    const text = await redis.hget(keys.bulkAction(id), 'order');
    if (text === null) return 0;
    const redacted = JSON.stringify(withoutTyped(JSON.parse(text) as BulkActionOrder, jobs));
    return redacted === text ? 0 : Number(await replaceOrder([keys.bulkAction(id)], [text, redacted]));
  };

  return {
    find,
    async open(order, total) {
      const { id, at } = order;
      await redis
        .multi()
        .hset(keys.bulkAction(id), {
          order: JSON.stringify(order),
          status: 'waiting',
          total,
          done: 0,
          excluded: '{}',
        })
        .pexpire(keys.bulkAction(id), KEPT_MS)
        .zremrangebyscore(keys.bulkActions, '-inf', at - KEPT_MS)
        .zadd(keys.bulkActions, at, id)
        .sadd(keys.openBulkActions, id)
        .exec();
    },
    async list(limit) {
      const ids = await redis.zrevrange(keys.bulkActions, 0, limit - 1);
      return (await Promise.all(ids.map(find))).filter((bulkAction) => bulkAction !== undefined);
    },
    openIds: () => redis.smembers(keys.openBulkActions),
    async start(id) {
      const order = await start([keys.bulkAction(id), keys.excluded(id)], []);
      return typeof order === 'string' ? (JSON.parse(order) as BulkActionOrder) : undefined;
    },
    isRunning: async (id) => (await redis.hget(keys.bulkAction(id), 'status')) === 'running',
    async recordExcluded(id, excluded, added) {
      const key = keys.excluded(id);
      const writing = redis.multi().hset(keys.bulkAction(id), 'excluded', JSON.stringify(excluded));
      if (added.length > 0) {
        writing
          .rpush(key, ...added.map((one) => JSON.stringify(one)))
          .ltrim(key, 0, MAX_EXCLUDED - 1)
          .pexpire(key, KEPT_MS);
      }
      await writing.exec();
    },
    async listExcluded(id) {
      const found = await redis.lrange(keys.excluded(id), 0, -1);
      return found.map((one) => JSON.parse(one) as ExcludedFailure);
    },
    cancel: (id, now) => endAs(id, 'cancelled', now),
    end: (id, now) => endAs(id, 'ended', now),
    async removeOf(campaigns) {
      for (const id of await redis.zrange(keys.bulkActions, 0, '-1')) {
        const campaign = (await find(id))?.filter.campaign;
        if (campaign === undefined || !campaigns.has(campaign)) continue;
        await redis
          .multi()
          .unlink(keys.bulkAction(id), keys.excluded(id))
          .zrem(keys.bulkActions, id)
          .srem(keys.openBulkActions, id)
          .exec();
      }
    },
    async eraseJobs(jobs) {
      let erased = 0;
      for (const id of await redis.zrange(keys.bulkActions, 0, '-1')) {
        erased += await eraseDetails(id, jobs);
        erased += await eraseTyped(id, jobs);
      }
      return erased;
    },
  };
}

function readBulkAction(fields: Record<string, string>): BulkAction | undefined {
  const { order, status, total, done, excluded, writeBacks, endedAt } = fields;
  if (order === undefined) return undefined;
  return {
    ...(JSON.parse(order) as BulkActionOrder),
    status: status as BulkActionStatus,
    total: Number(total),
    done: Number(done),
    excluded: JSON.parse(excluded ?? '{}') as BulkAction['excluded'],
    ended: Object.fromEntries(
      finalStates.flatMap((state) => {
        const count = fields[`ended:${state}`];
        return count === undefined ? [] : [[state, Number(count)]];
      }),
    ),
    writeBacks: Number(writeBacks ?? 0),
    ...(endedAt !== undefined && { endedAt: Number(endedAt) }),
  };
}

/** Removes the reason and the typed values if the order is for these jobs alone; otherwise returns it unchanged. */
function withoutTyped(order: BulkActionOrder, jobs: ReadonlySet<string>): BulkActionOrder {
  const selected = order.filter.jobs ?? [];
  if (selected.length === 0 || !selected.every(({ job }) => jobs.has(job))) return order;
  const { rule } = order;
  if (rule === undefined || !('values' in rule)) return { ...order, reason: '' };
  const names = Object.keys(rule.values).map((name) => [name, null]);
  return { ...order, reason: '', rule: { values: Object.fromEntries(names) } };
}
