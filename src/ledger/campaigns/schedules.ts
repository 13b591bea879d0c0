/**
 * The facts about schedules: how far their due times are decided, which runs are to begin, what
 * became of the last ones. Whatever is decided is decided by one script for all processes: a due
 * time by whoever moves `through` over it, the start of a run by whoever takes it from the firings,
 * in the same step that makes its campaign.
 */

import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import type { DueRuns } from '../../domain/schedules/due-runs.ts';
import type { DueRun, MissedRuns, ScheduleRun, ScheduleSwitch } from '../../domain/schedules/schedule.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { createCampaignLua, fieldsForScripts } from './campaign-ledger.ts';
import type { LedgerKeys } from '../keys.ts';

export interface ScheduleState {
  /** Goes up with every decision; what is decided on an older state is not taken. */
  version: number;
  /** How its due times are reckoned; see `timingOf`. Absent until a process has begun to. */
  timing?: string;
  /** Due times up to this one are decided. */
  through?: number;
  /** Set by an operator; absent where the file alone counts. */
  switched?: ScheduleSwitch;
  /** Missed runs that wait for a person's word. */
  ask?: MissedRuns;
  /** Of the last run. */
  campaign?: string;
  /** The campaign that the last run takes the place of, until it is stopped. */
  replacing?: string;
}

/** What follows from due times, or from what a person says: `ask` is what is left to be asked. */
export type Decision = Pick<DueRuns, 'dueRun' | 'ask'> & { through?: number; run?: ScheduleRun };

export interface ScheduleLedger {
  find(name: string): Promise<ScheduleState>;
  /** What became of the last {@link KEPT_RUNS} runs, newest first. */
  runs(name: string): Promise<ScheduleRun[]>;
  /** Begins to reckon the due times anew, from now on, unless they are reckoned so already. */
  adopt(name: string, timing: string, now: number): Promise<void>;
  /** Switches it on or off. Due times that came while it was off are never made up for. */
  switch(name: string, to: ScheduleSwitch): Promise<void>;
  /** Writes a decision down; false where somebody else decided since that state. */
  decide(name: string, seen: ScheduleState, decision: Decision): Promise<boolean>;
  /** Runs that are to begin, by due time. */
  dueRuns(): Promise<DueRun[]>;
  /**
   * Makes the campaign of a firing, which is no firing any more then. `last`: the last campaign that
   * was judged by; `answers`: missed runs that wait for an answer have it with this one. `gone`: somebody else has begun or dismissed it; `changed`: another run has begun since.
   */
  start(
    dueRun: DueRun,
    order: CampaignOrder,
    run: ScheduleRun,
    than: { last: string | undefined; replaces: boolean; answers: boolean },
  ): Promise<'started' | 'gone' | 'changed'>;
  /** Notes why a firing has not begun; nothing where it is none any more. */
  explain(dueRun: DueRun, note: string): Promise<void>;
  /** Lets a firing come to nothing; false where somebody else has begun or dismissed it. */
  dismiss(dueRun: DueRun, run: ScheduleRun): Promise<boolean>;
  /** The campaign that was replaced is stopped. */
  markReplaced(name: string, campaign: string): Promise<void>;
}

const KEPT_RUNS = 100;

/** Whoever's clock is behind never takes a decision back. */
const reckonAnewLua = `
local function reckonAnew(schedule, now)
  local through = redis.call('HGET', schedule, 'through')
  if not through or tonumber(through) < tonumber(now) then redis.call('HSET', schedule, 'through', now) end
  redis.call('HINCRBY', schedule, 'version', 1)
end`;

const adoptScript = `${reckonAnewLua}
if redis.call('HGET', KEYS[1], 'timing') == ARGV[1] then return end
redis.call('HSET', KEYS[1], 'timing', ARGV[1])
reckonAnew(KEYS[1], ARGV[2])`;

const switchScript = `${reckonAnewLua}
redis.call('HSET', KEYS[1], 'switched', ARGV[1])
reckonAnew(KEYS[1], ARGV[2])`;

const keepRunLua = `
local function keepRun(runs, run)
  redis.call('LPUSH', runs, run)
  redis.call('LTRIM', runs, 0, ${KEPT_RUNS - 1})
end`;

const decideScript = `${keepRunLua}
local schedule, runs, firings = unpack(KEYS)
local version, through, ask, run, id, firing = unpack(ARGV)
if (redis.call('HGET', schedule, 'version') or '0') ~= version then return 0 end
redis.call('HINCRBY', schedule, 'version', 1)
if through ~= '' then redis.call('HSET', schedule, 'through', through) end
if ask == '' then redis.call('HDEL', schedule, 'ask') else redis.call('HSET', schedule, 'ask', ask) end
if run ~= '' then keepRun(runs, run) end
if id ~= '' then redis.call('HSETNX', firings, id, firing) end
return 1`;

const startScript = `${createCampaignLua}${keepRunLua}
local schedule, runs, firings, campaign, campaigns, serials = unpack(KEYS)
local id, last, replaces, answers, run, order, createdAt = unpack(ARGV)
if redis.call('HEXISTS', firings, id) == 0 then return 'gone' end
if (redis.call('HGET', schedule, 'campaign') or '') ~= last then return 'changed' end
if redis.call('HEXISTS', schedule, 'replacing') == 1 then return 'changed' end
redis.call('HDEL', firings, id)
if redis.call('EXISTS', campaign) == 1 then return 'gone' end
createCampaign(campaign, campaigns, serials, id, order, createdAt, unpack(ARGV, 8))
redis.call('HSET', schedule, 'campaign', id)
if replaces == '1' then redis.call('HSET', schedule, 'replacing', last) end
if answers == '1' then
  redis.call('HDEL', schedule, 'ask')
  redis.call('HINCRBY', schedule, 'version', 1)
end
keepRun(runs, run)
return 'started'`;

const explainScript = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end`;

const dismissScript = `${keepRunLua}
if redis.call('HDEL', KEYS[2], ARGV[1]) == 0 then return 0 end
keepRun(KEYS[1], ARGV[2])
return 1`;

const replacedScript = `
if redis.call('HGET', KEYS[1], 'replacing') == ARGV[1] then redis.call('HDEL', KEYS[1], 'replacing') end`;

export function makeScheduleLedger(redis: RedisConnection, keys: LedgerKeys): ScheduleLedger {
  const adopt = defineScript(redis, 'adoptSchedule', adoptScript);
  const switchTo = defineScript(redis, 'switchSchedule', switchScript);
  const decide = defineScript(redis, 'decideDue', decideScript);
  const start = defineScript(redis, 'startFiring', startScript);
  const explain = defineScript(redis, 'explainFiring', explainScript);
  const dismiss = defineScript(redis, 'dismissFiring', dismissScript);
  const replaced = defineScript(redis, 'markReplaced', replacedScript);

  return {
    find: async (name) => readState(await redis.hgetall(keys.schedule(name))),
    async runs(name) {
      const found = await redis.lrange(keys.scheduleRuns(name), 0, KEPT_RUNS - 1);
      return found.map((run) => JSON.parse(run) as ScheduleRun);
    },
    async adopt(name, timing, now) {
      await adopt([keys.schedule(name)], [timing, now]);
    },
    async switch(name, to) {
      await switchTo([keys.schedule(name)], [JSON.stringify(to), to.at]);
    },
    async decide(name, seen, { through, ask, run, dueRun }) {
      const reply = await decide(
        [keys.schedule(name), keys.scheduleRuns(name), keys.dueRuns],
        [seen.version, through ?? '', json(ask), json(run), dueRun?.id ?? '', json(dueRun)],
      );
      return reply === 1;
    },
    async dueRuns() {
      const found = (await redis.hvals(keys.dueRuns)).map((dueRun) => JSON.parse(dueRun) as DueRun);
      return found.toSorted((a, b) => a.due - b.due);
    },
    async start({ id, schedule }, order, run, { last, replaces, answers }) {
      const reply = await start(
        [
          keys.schedule(schedule),
          keys.scheduleRuns(schedule),
          keys.dueRuns,
          keys.campaign(id),
          keys.campaigns,
          keys.campaignSerials,
        ],
        [
          id,
          last ?? '',
          replaces ? 1 : 0,
          answers ? 1 : 0,
          JSON.stringify(run),
          JSON.stringify(order),
          order.createdAt,
          ...fieldsForScripts(order),
        ],
      );
      return reply as 'started' | 'gone' | 'changed';
    },
    async explain(dueRun, note) {
      await explain([keys.dueRuns], [dueRun.id, JSON.stringify({ ...dueRun, note })]);
    },
    async dismiss({ id, schedule }, run) {
      return (await dismiss([keys.scheduleRuns(schedule), keys.dueRuns], [id, JSON.stringify(run)])) === 1;
    },
    async markReplaced(name, campaign) {
      await replaced([keys.schedule(name)], [campaign]);
    },
  };
}

/** Absent is empty: scripts know no other nothing. */
function json(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value);
}

function readState(fields: Readonly<Record<string, string>>): ScheduleState {
  const { timing, through, switched, ask, campaign, replacing } = fields;
  return {
    version: Number(fields['version'] ?? 0),
    ...(timing !== undefined && { timing }),
    ...(through !== undefined && { through: Number(through) }),
    ...(switched !== undefined && { switched: JSON.parse(switched) as ScheduleSwitch }),
    ...(ask !== undefined && { ask: JSON.parse(ask) as MissedRuns }),
    ...(campaign !== undefined && { campaign }),
    ...(replacing !== undefined && { replacing }),
  };
}
