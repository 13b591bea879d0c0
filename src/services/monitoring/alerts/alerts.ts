/** Derives the alerts: each says what is wrong and what to do. There are none while all is well. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { OpenNotice } from '../../../domain/campaigns/restored.ts';
import type { Problem } from '../../../domain/monitoring/health.ts';
import type { Heartbeat, InvalidFile, StalledCalls } from '../../../domain/monitoring/heartbeat.ts';
import { type Alert, alertCodes, type Overview } from '../../../domain/monitoring/overview.ts';
import type { MissedRuns } from '../../../domain/schedules/schedule.ts';
import type { SecondCards } from '../../../ledger/failures/causes.ts';
import type { VoucherPool } from '../../programs/vouchers.ts';
import type { OutdatedProcess } from '../outdated-settings.ts';

export interface AlertFacts extends Omit<Overview, 'alerts'> {
  /** Milliseconds until calls may start again; 0 if they may start now. */
  gateMs: number;
  /** The changed programs file of a process, if it is invalid. */
  invalidFile: InvalidFile | undefined;
  /** Processes whose settings are no longer those of their `.env`. */
  outdated: readonly OutdatedProcess[];
  /** Workers that make no calls for no known reason. */
  stalled: readonly (StalledCalls & Pick<Heartbeat, 'pid' | 'host'>)[];
  /** Bytes; `limit` is undefined if Redis has none. */
  memory: { used: number; limit: number | undefined };
  /** Set while the store counts as restored. */
  restored: OpenNotice | undefined;
  secondCards: readonly SecondCards[];
  vouchers: readonly VoucherPool[];
  /** Missed runs that need a decision, by schedule. */
  undecided: ReadonlyMap<string, MissedRuns>;
}

const NEARLY_FULL_SHARE = 0.85;
const LONG_PAUSE_MS = 60_000;
const LATE_MS = 5 * 60_000;
const TOKEN_EXPIRING_MS = 24 * 3_600_000;

/** Returns the alerts, most urgent first; alerts with one code keep the order of campaigns and schedules. */
export function findAlerts(facts: AlertFacts): Alert[] {
  const found = [
    restoredAlert(facts),
    redisAlert(facts),
    ...tokenAlerts(facts),
    workerAlert(facts),
    ...stalledAlerts(facts),
    programsFileAlert(facts),
    ...settingsAlerts(facts),
    feederAlert(facts),
    passmachineAlert(facts),
    writebackAlert(facts),
    ...secondCardAlerts(facts),
    ...voucherAlerts(facts),
    ...campaignAlerts(facts),
    ...unreadableAlerts(facts),
    ...scheduleAlerts(facts),
  ].filter((alert) => alert !== undefined);
  return found.toSorted((a, b) => alertCodes.indexOf(a.code) - alertCodes.indexOf(b.code));
}

function restoredAlert({ restored }: AlertFacts): Alert | undefined {
  if (restored === undefined) return undefined;
  const { reason, at } = restored.notice;
  return {
    code: 'STORE_RESTORED',
    text: reason,
    remedy: 'Until then, campaigns that could make cards or send notifications a second time are held.',
    since: at,
  };
}

function redisAlert({ memory: { used, limit } }: AlertFacts): Alert | undefined {
  if (limit === undefined || used < limit * NEARLY_FULL_SHARE) return undefined;
  return {
    code: 'REDIS_NEARLY_FULL',
    text: `Redis is at ${Math.floor((used / limit) * 100)} % of maxmemory; when it is full, all processing stops.`,
    remedy: 'Raise maxmemory, or start no new campaigns until the running ones have finished.',
  };
}

/** Returns the problem that an alert is about, as {@link AlertFacts.health} judged it. */
function problemOf({ health }: AlertFacts, code: Problem['code']): Problem | undefined {
  return health.problems.find((found) => found.code === code);
}

function tokenAlerts(facts: AlertFacts): (Alert | undefined)[] {
  const { token } = facts;
  if (token === undefined) return [];
  const { refused, renews, leftMs } = token;
  const problem = problemOf(facts, 'token-refused');
  if (problem !== undefined) {
    return [
      {
        code: 'TOKEN_REJECTED',
        text:
          problem.since === undefined
            ? 'PASSMACHINE_TOKEN has expired, so no card can be issued or updated.'
            : `Passmachine rejects the credentials: ${refused?.detail ?? ''}`,
        remedy: renews
          ? 'Check PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN and restart the workers. Jobs wait until then.'
          : 'Set a new PASSMACHINE_TOKEN and restart the workers. Jobs wait until then.',
        ...(problem.since !== undefined && { since: problem.since }),
      },
    ];
  }
  if (renews || leftMs === undefined || leftMs > TOKEN_EXPIRING_MS) return [];
  return [
    {
      code: 'TOKEN_EXPIRING',
      text: `PASSMACHINE_TOKEN expires in ${formatWait(leftMs)}, and passbridge cannot renew it.`,
      remedy: 'Set a new token, or the public and secret token instead, and restart the workers.',
    },
  ];
}

function workerAlert(facts: AlertFacts): Alert | undefined {
  if (problemOf(facts, 'no-worker') === undefined) return undefined;
  const { at, queue, writeback } = facts;
  const waiting = queue.waiting + queue.delayed + writeback.waiting;
  const absence = facts.workers.length > 0 ? 'Every worker is quiet' : 'No worker is running';
  return {
    code: 'NO_WORKER',
    text:
      waiting === 0
        ? `${absence}, so nothing is sent.`
        : `${absence}, and ${counted(waiting, 'job is', 'jobs are')} waiting.`,
    remedy: 'Start a worker: passbridge up, or passbridge up --role worker.',
    ...(queue.oldestMs !== undefined && { since: at - queue.oldestMs }),
  };
}

function stalledAlerts({ stalled }: AlertFacts): Alert[] {
  return stalled.map(({ pid, host, since, text }) => ({
    code: 'CALLS_STALLED',
    text: `Worker ${pid} on ${host}: ${text}.`,
    remedy: 'Restart this worker; nothing is lost. Keep its log, and report it as a defect of passbridge.',
    since,
    about: `${host}:${pid}`,
  }));
}

function programsFileAlert({ invalidFile }: AlertFacts): Alert | undefined {
  if (invalidFile === undefined) return undefined;
  return {
    code: 'PROGRAMS_FILE_INVALID',
    text: `The changed programs file is invalid, so the previous version stays active: ${invalidFile.problem}`,
    remedy: 'Fix the file; it is reloaded automatically. The log lists all problems.',
    since: invalidFile.at,
  };
}

function settingsAlerts({ outdated }: AlertFacts): Alert[] {
  return outdated.map(({ pid, host, names, since }) => ({
    code: 'SETTINGS_CHANGED',
    text: `Process ${pid} on ${host} does not have the settings of its .env, which changed ${names.join(', ')}.`,
    remedy: 'Restart this process: settings are read at the start. Nothing is lost.',
    since,
    about: `${host}:${pid}`,
  }));
}

function feederAlert(facts: AlertFacts): Alert | undefined {
  if (problemOf(facts, 'no-feeder') === undefined) return undefined;
  return {
    code: 'NO_FEEDER',
    text: `${facts.feeders.length > 0 ? 'Every feeder is quiet' : 'No feeder is running'}, so the remaining rows of a campaign are not read.`,
    remedy: 'Start a feeder: passbridge up, or passbridge up --role feeder.',
  };
}

function passmachineAlert(facts: AlertFacts): Alert | undefined {
  const { gateMs, upstreams } = facts;
  const isDown = problemOf(facts, 'passmachine-down') !== undefined;
  const pausesCreates = problemOf(facts, 'creates-paused') !== undefined;
  const { since: failingSince, lastFailure } = upstreams.passmachine;
  const since = failingSince !== undefined && { since: failingSince };
  if (isDown || pausesCreates) {
    const code = lastFailure === undefined ? '' : ` (${lastFailure.code})`;
    return {
      code: 'PASSMACHINE_DOWN',
      text: !isDown
        ? `A create may have made its card without an answer${code}, so creates are paused; updates and notifications continue.`
        : `Several calls to Passmachine failed in a row${code}, so calls are paused.`,
      remedy:
        'No action needed: single calls probe Passmachine, and processing resumes when it is back. If the outage lasts, contact Passmachine.',
      ...since,
    };
  }
  if (gateMs < LONG_PAUSE_MS) return undefined;
  return {
    code: 'PASSMACHINE_RATE_LIMITED',
    text: `Passmachine asked for a pause: no calls for another ${formatWait(gateMs)}.`,
    remedy:
      'Calls resume automatically; passbridge limits --open-gate resumes them now. If it happens often, lower PASSMACHINE_MAX_PER_SECOND.',
    ...since,
  };
}

function writebackAlert({ at, writeback, upstreams: { bloomreach } }: AlertFacts): Alert | undefined {
  const { waiting, oldestMs = 0, pause } = writeback;
  const pauseMs = pause?.leftMs ?? 0;
  if (oldestMs < LATE_MS && pauseMs < LONG_PAUSE_MS) return undefined;
  const lastError = pause?.detail ?? bloomreach.lastFailure?.detail;
  const reason =
    (pauseMs < LONG_PAUSE_MS
      ? ''
      : ` Bloomreach asked for a pause: nothing is sent for another ${formatWait(pauseMs)}.`) +
    (lastError === undefined || lastError === '' ? '' : ` Last error: ${lastError}`);
  return {
    code: 'WRITEBACK_LATE',
    text: `${counted(waiting, 'write-back is', 'write-backs are')} waiting for Bloomreach, the oldest for ${formatWait(oldestMs)}.${reason}`,
    remedy:
      'Check that a worker is running, BLOOMREACH_URL and the API key. Nothing is lost: write-backs are sent when Bloomreach accepts them.',
    since: at - oldestMs,
  };
}

function secondCardAlerts({ secondCards }: AlertFacts): Alert[] {
  return secondCards.map(({ campaign, count, since }) => ({
    code: 'SECOND_CARDS',
    text: `Passmachine made a second card for ${counted(count, 'customer', 'customers')} of campaign ${campaign}.`,
    remedy:
      'Delete the older card of each at Passmachine (passbridge failures --code PM_SECOND_CARD --csv names the later one), then discard these failures.',
    since,
    about: campaign,
  }));
}

function voucherAlerts({ vouchers }: AlertFacts): Alert[] {
  const empty = vouchers.filter(({ left }) => left === 0);
  return empty.map(({ pool, drawn }) => ({
    code: 'VOUCHERS_EMPTY',
    text: `Voucher pool ${pool} is empty after ${counted(drawn, 'code', 'codes')}; cards that need a code wait.`,
    remedy: `Append codes to ${pool}; the waiting cards are then issued automatically.`,
    about: pool,
  }));
}

/** Returns whether a safeguard halted the campaign, so that an operator must resume it. */
export function waitsForOperator({ status, halt }: Pick<Campaign, 'status' | 'halt'>): boolean {
  return status === 'held' || (status === 'paused' && halt?.kind !== 'operator');
}

function campaignAlerts({ campaigns }: AlertFacts): Alert[] {
  return campaigns.flatMap((campaign) => {
    const { id, halt } = campaign;
    // Of those the alert about the store says what to do.
    if (!waitsForOperator(campaign) || halt === undefined || halt.kind === 'restored') return [];
    return [
      {
        code: 'CAMPAIGN_HELD' as const,
        text: `Campaign ${id} waits for an operator: ${halt.reason}`,
        remedy: `Review its results, then resume it (passbridge resume ${id}) or stop it (passbridge stop ${id}).`,
        since: halt.at,
        about: id,
      },
    ];
  });
}

/** Returns whether reading a campaign's rows fails for good, as far as one can tell: one failed attempt is no alert. */
export function isUnreadable({ feedProblem }: Pick<Campaign, 'feedProblem'>): boolean {
  return feedProblem !== undefined && feedProblem.attempts >= 3;
}

function unreadableAlerts({ campaigns }: AlertFacts): Alert[] {
  return campaigns.flatMap((campaign) => {
    const { id, feedProblem } = campaign;
    if (feedProblem === undefined || !isUnreadable(campaign)) return [];
    const { reason, since, attempts } = feedProblem;
    return [
      {
        code: 'CAMPAIGN_UNREADABLE' as const,
        text: `The next rows of campaign ${id} could not be read in ${attempts} attempts: ${reason}`,
        remedy:
          'Check its file and the log of the feeder. Reading is retried every 30 seconds at the latest, until it succeeds.',
        since,
        about: id,
      },
    ];
  });
}

function scheduleAlerts({ undecided }: AlertFacts): Alert[] {
  return [...undecided].map(([name, { count, first }]) => ({
    code: 'SCHEDULE_MISSED_RUNS',
    text: `Schedule ${name} missed ${counted(count, 'run', 'runs')} and needs a decision.`,
    remedy: `Run it once (passbridge schedules run ${name}) or skip the missed runs (passbridge schedules skip ${name}).`,
    since: first,
    about: name,
  }));
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Formats whole minutes, or hours from two hours on. */
function formatWait(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 120 ? counted(minutes, 'minute', 'minutes') : `${Math.floor(minutes / 60)} hours`;
}
