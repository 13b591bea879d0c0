/** Records why the rows of a campaign cannot be read at present, so that operators see why it waits. */

import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface FeedProblems {
  /** Records a failed attempt to read rows; the time of the first of several is kept. */
  recordFeedProblem(id: string, reason: string, now: number): Promise<void>;
  /** Records that rows are read again. */
  clearFeedProblem(id: string): Promise<void>;
}

/** KEYS: campaign. ARGV: reason, now. */
const recordScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return end
local stored = redis.call('HGET', KEYS[1], 'feedProblem')
local problem = stored and cjson.decode(stored) or { since = tonumber(ARGV[2]), attempts = 0 }
problem.reason = ARGV[1]
problem.attempts = problem.attempts + 1
redis.call('HSET', KEYS[1], 'feedProblem', cjson.encode(problem))`;

export function makeFeedProblems(redis: RedisConnection, keys: LedgerKeys): FeedProblems {
  const record = defineScript(redis, 'recordFeedProblem', recordScript);
  return {
    async recordFeedProblem(id, reason, now) {
      await record([keys.campaign(id)], [reason, now]);
    },
    async clearFeedProblem(id) {
      await redis.hdel(keys.campaign(id), 'feedProblem');
    },
  };
}
