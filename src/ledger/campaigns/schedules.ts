/**
 * Stores the state of schedules: the last decided due time, runs to be started, and results of past runs.
 * Each decision is one script, so exactly one process makes it: a due time is decided by the process that
 * advances `through` past it, and a run is started by the process that removes it from the due runs, in the
 * same script that creates its campaign.
 */

import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import type { DueRuns } from '../../domain/schedules/due-runs.ts';
import type { DueRun, MissedRuns, ScheduleRun, ScheduleSwitch } from '../../domain/schedules/schedule.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { createCampaignLua, fieldsForScripts } from './campaign-ledger.ts';
import { takeArguments, type TakeFile, takeFileLua } from './taken-files.ts';
import type { LedgerKeys } from '../keys.ts';

export interface ScheduleState {
  /** Incremented by every decision; a decision based on an older version is rejected. */
  version: number;
  /** Cron expression and time zone of the due times, see `timingOf`. Absent until the schedule is first loaded. */
  timing?: string;
  /** Due times up to this one (ms) are decided. */
  through?: number;
  /** Set by an operator; absent if only the programs file applies. */
  switched?: ScheduleSwitch;
  /** Missed runs that an operator must decide on. */
  undecided?: MissedRuns;
  /** Campaign of the last run. */
  campaign?: string;
  /** Campaign that the last run replaces, until that one is stopped. */
  replacing?: string;
}

/** A decision about due times, made automatically or by an operator. */
export type Decision = Pick<DueRuns, 'dueRun' | 'undecided'> & { through?: number; run?: ScheduleRun };

/** What the caller decided to start a run on. */
export interface RunBasis {
  /** Entry for the list of runs. */
  run: ScheduleRun;
  /** The last campaign of the schedule at that time. */
  last: string | undefined;
  /** Stops that campaign, because this one replaces it. */
  replaces: boolean;
  /** Settles the undecided missed runs too. */
  settlesMissed: boolean;
}

/**
 * `gone`: another process has started or dismissed the run. `changed`: another run has started since.
 * `taken`: another campaign has taken the file; the run stays due.
 */
export type RunStart = { kind: 'started' | 'gone' | 'changed' } | { kind: 'taken'; by: string };

export interface ScheduleLedger {
  find(name: string): Promise<ScheduleState>;
  /** Results of the last {@link KEPT_RUNS} runs, newest first. */
  runs(name: string): Promise<ScheduleRun[]>;
  /** Sets the timing; if it changed, due times before `now` (ms) are dropped. */
  adopt(name: string, timing: string, now: number): Promise<void>;
  /** Enables or disables the schedule. Due times while it was disabled are never made up for. */
  switch(name: string, to: ScheduleSwitch): Promise<void>;
  /** Stores a decision; false if another process has decided since `seen` was read. */
  decide(name: string, seen: ScheduleState, decision: Decision): Promise<boolean>;
  /** Runs to be started, by due time. */
  dueRuns(): Promise<DueRun[]>;
  /** Starts a due run in one step: creates its campaign, takes the file and removes the due run. */
  start(dueRun: DueRun, order: CampaignOrder, basis: RunBasis, take?: TakeFile): Promise<RunStart>;
  /** Stores why a due run has not started yet; does nothing if it is gone. */
  explain(dueRun: DueRun, note: string): Promise<void>;
  /** Drops a due run; false if another process has started or dismissed it. */
  dismiss(dueRun: DueRun, run: ScheduleRun): Promise<boolean>;
  /** Records that the replaced campaign is stopped. */
  markReplaced(name: string, campaign: string): Promise<void>;
}

const KEPT_RUNS = 100;

/** Never moves `through` back: another process may have decided on a later time meanwhile. */
const restartTimingLua = `
local function restartTiming(schedule, now)
  local through = redis.call('HGET', schedule, 'through')
  if not through or tonumber(through) < tonumber(now) then redis.call('HSET', schedule, 'through', now) end
  redis.call('HINCRBY', schedule, 'version', 1)
end`;

const adoptScript = `${restartTimingLua}
if redis.call('HGET', KEYS[1], 'timing') == ARGV[1] then return end
redis.call('HSET', KEYS[1], 'timing', ARGV[1])
restartTiming(KEYS[1], ARGV[2])`;

const switchScript = `${restartTimingLua}
redis.call('HSET', KEYS[1], 'switched', ARGV[1])
restartTiming(KEYS[1], ARGV[2])`;

const addRunLua = `
local function addRun(runs, run)
  redis.call('LPUSH', runs, run)
  redis.call('LTRIM', runs, 0, ${KEPT_RUNS - 1})
end`;

const decideScript = `${addRunLua}
local schedule, runs, dueRuns = unpack(KEYS)
local version, through, undecided, run, id, dueRun = unpack(ARGV)
if (redis.call('HGET', schedule, 'version') or '0') ~= version then return 0 end
redis.call('HINCRBY', schedule, 'version', 1)
if through ~= '' then redis.call('HSET', schedule, 'through', through) end
if undecided == '' then redis.call('HDEL', schedule, 'undecided')
else redis.call('HSET', schedule, 'undecided', undecided) end
if run ~= '' then addRun(runs, run) end
if id ~= '' then redis.call('HSETNX', dueRuns, id, dueRun) end
return 1`;

const startScript = `${createCampaignLua}${takeFileLua}${addRunLua}
local schedule, runs, dueRuns, campaign, campaigns, open, serials, taken = unpack(KEYS)
local id, last, replaces, settlesMissed, run, fileKey, modifiedAt, again, order, createdAt = unpack(ARGV)
if redis.call('HEXISTS', dueRuns, id) == 0 then return { 'gone' } end
if (redis.call('HGET', schedule, 'campaign') or '') ~= last then return { 'changed' } end
if redis.call('HEXISTS', schedule, 'replacing') == 1 then return { 'changed' } end
if redis.call('EXISTS', campaign) == 1 then
  redis.call('HDEL', dueRuns, id)
  return { 'gone' }
end
local other = takeFile(taken, id, fileKey, modifiedAt, again)
if other then return { 'taken', other } end
redis.call('HDEL', dueRuns, id)
createCampaign(campaign, campaigns, open, serials, id, order, createdAt, unpack(ARGV, 11))
redis.call('HSET', schedule, 'campaign', id)
if replaces == '1' then redis.call('HSET', schedule, 'replacing', last) end
if settlesMissed == '1' then
  redis.call('HDEL', schedule, 'undecided')
  redis.call('HINCRBY', schedule, 'version', 1)
end
addRun(runs, run)
return { 'started' }`;

const explainScript = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end`;

const dismissScript = `${addRunLua}
if redis.call('HDEL', KEYS[2], ARGV[1]) == 0 then return 0 end
addRun(KEYS[1], ARGV[2])
return 1`;

const replacedScript = `
if redis.call('HGET', KEYS[1], 'replacing') == ARGV[1] then redis.call('HDEL', KEYS[1], 'replacing') end`;

export function makeScheduleLedger(redis: RedisConnection, keys: LedgerKeys): ScheduleLedger {
  const adopt = defineScript(redis, 'adoptSchedule', adoptScript);
  const switchTo = defineScript(redis, 'switchSchedule', switchScript);
  const decide = defineScript(redis, 'decideDue', decideScript);
  const start = defineScript(redis, 'startDueRun', startScript);
  const explain = defineScript(redis, 'explainDueRun', explainScript);
  const dismiss = defineScript(redis, 'dismissDueRun', dismissScript);
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
    async decide(name, seen, { through, undecided, run, dueRun }) {
      const reply = await decide(
        [keys.schedule(name), keys.scheduleRuns(name), keys.dueRuns],
        [seen.version, through ?? '', json(undecided), json(run), dueRun?.id ?? '', json(dueRun)],
      );
      return reply === 1;
    },
    async dueRuns() {
      const found = (await redis.hvals(keys.dueRuns)).map((dueRun) => JSON.parse(dueRun) as DueRun);
      return found.toSorted((a, b) => a.due - b.due);
    },
    async start({ id, schedule }, order, { run, last, replaces, settlesMissed }, take) {
      const { taken, args } = takeArguments(keys, take);
      const reply = await start(
        [
          keys.schedule(schedule),
          keys.scheduleRuns(schedule),
          keys.dueRuns,
          keys.campaign(id),
          keys.campaigns,
          keys.openCampaigns,
          keys.campaignSerials,
          taken,
        ],
        [
          id,
          last ?? '',
          replaces ? 1 : 0,
          settlesMissed ? 1 : 0,
          JSON.stringify(run),
          ...args,
          JSON.stringify(order),
          order.createdAt,
          ...fieldsForScripts(order),
        ],
      );
      const [kind, by = ''] = reply as ['started' | 'gone' | 'changed' | 'taken', string?];
      return kind === 'taken' ? { kind, by } : { kind };
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

/** Lua receives '' for undefined. */
function json(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value);
}

function readState(fields: Readonly<Record<string, string>>): ScheduleState {
  const { timing, through, switched, undecided, campaign, replacing } = fields;
  return {
    version: Number(fields['version'] ?? 0),
    ...(timing !== undefined && { timing }),
    ...(through !== undefined && { through: Number(through) }),
    ...(switched !== undefined && { switched: JSON.parse(switched) as ScheduleSwitch }),
    ...(undecided !== undefined && { undecided: JSON.parse(undecided) as MissedRuns }),
    ...(campaign !== undefined && { campaign }),
    ...(replacing !== undefined && { replacing }),
  };
}
