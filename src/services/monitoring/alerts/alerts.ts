/** What is wrong, in plain words with the remedy. Silent when all is well. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import { type Alert, alertCodes, type Now } from '../../../domain/monitoring/overview.ts';
import type { RefusedFile } from '../../../domain/monitoring/heartbeat.ts';
import type { VoucherPool } from '../../programs/vouchers.ts';
import type { MissedRuns } from '../../../domain/schedules/schedule.ts';

export interface AlertFacts extends Omit<Now, 'alerts'> {
  gateMs: number;
  /** A process does not take up its changed programs file. */
  refusedFile: RefusedFile | undefined;
  /** A worker keeps calls back. */
  broken: boolean;
  /** Bytes; `most` is undefined where there is no limit. */
  memory: { used: number; most: number | undefined };
  /** A campaign's rows are still to be read, or to be put back into the queue. */
  wantsFeeder: boolean;
  /** Pools of voucher codes. */
  vouchers: readonly VoucherPool[];
  /** Missed runs that wait for an answer, by schedule. */
  asking: ReadonlyMap<string, MissedRuns>;
}

const MEMORY_FULL_AT = 0.85;
const GATE_LONG_MS = 60_000;
const LATE_MS = 5 * 60_000;
const TOKEN_SOON_MS = 24 * 3_600_000;

/** Most urgent first; of several alike, in the order of the campaigns and schedules. */
export function alertsOf(facts: AlertFacts): Alert[] {
  const found = [
    redisAlert(facts),
    ...tokenAlerts(facts),
    workerAlert(facts),
    fileAlert(facts),
    feederAlert(facts),
    passmachineAlert(facts),
    writebackAlert(facts),
    ...voucherAlerts(facts),
    ...campaignAlerts(facts),
    ...scheduleAlerts(facts),
  ].filter((alert) => alert !== undefined);
  return found.toSorted((a, b) => alertCodes.indexOf(a.code) - alertCodes.indexOf(b.code));
}

function redisAlert({ memory: { used, most } }: AlertFacts): Alert | undefined {
  if (most === undefined || used < most * MEMORY_FULL_AT) return undefined;
  return {
    code: 'REDIS_NEARLY_FULL',
    text: `Redis has used ${Math.floor((used / most) * 100)} % of the memory that it may use. When it is full, nothing goes on.`,
    remedy: 'Give it more memory (maxmemory), or hold back new campaigns until the running ones are over.',
  };
}

function tokenAlerts({ token }: AlertFacts): (Alert | undefined)[] {
  if (token === undefined) return [];
  const { refused, renews, leftMs } = token;
  const rejected = refused !== undefined && refused.code === 'PM_TOKEN_REJECTED';
  if (rejected || (!renews && leftMs !== undefined && leftMs <= 0)) {
    return [
      {
        code: 'TOKEN_REJECTED',
        text: rejected
          ? `Passmachine does not accept the credentials: ${refused.detail}`
          : 'PASSMACHINE_TOKEN has ended: no card can be made or changed.',
        remedy: renews
          ? 'Check PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN and restart the workers. Jobs wait until then.'
          : 'Set a new PASSMACHINE_TOKEN and restart the workers. Jobs wait until then.',
        ...(rejected && { since: refused.at }),
      },
    ];
  }
  if (renews || leftMs === undefined || leftMs > TOKEN_SOON_MS) return [];
  return [
    {
      code: 'TOKEN_ENDS',
      text: `PASSMACHINE_TOKEN ends in ${inWords(leftMs)}, and passbridge cannot renew it.`,
      remedy: 'Set a new one, or the public and secret token instead, and restart the workers.',
    },
  ];
}

function workerAlert({ at, workers, queue, writeback }: AlertFacts): Alert | undefined {
  const waiting = queue.waiting + queue.delayed + writeback.waiting;
  if (workers.length > 0 || waiting === 0) return undefined;
  return {
    code: 'NO_WORKER',
    text: `No worker is connected, and ${counted(waiting, 'job waits', 'jobs wait')}.`,
    remedy: 'Start one: passbridge up, or passbridge up --role worker.',
    ...(queue.oldestMs !== undefined && { since: at - queue.oldestMs }),
  };
}

/** Several processes may read the same file: the first is enough. */
function fileAlert({ refusedFile }: AlertFacts): Alert | undefined {
  if (refusedFile === undefined) return undefined;
  return {
    code: 'PROGRAMS_REFUSED',
    text: `The programs file was changed and is not valid, so what it said before goes on counting: ${refusedFile.problem}`,
    remedy: 'Mend the file: it is read again as soon as it changes. The log has all that is wrong with it.',
    since: refusedFile.at,
  };
}

function feederAlert({ feeders, wantsFeeder }: AlertFacts): Alert | undefined {
  if (feeders.length > 0 || !wantsFeeder) return undefined;
  return {
    code: 'NO_FEEDER',
    text: 'No feeder is connected, so the rest of a campaign’s rows is not read.',
    remedy: 'Start one: passbridge up, or passbridge up --role feeder.',
  };
}

function passmachineAlert({ broken, gateMs, upstreams: { passmachine } }: AlertFacts): Alert | undefined {
  const since = passmachine.since !== undefined && { since: passmachine.since };
  if (broken) {
    const why = passmachine.lastFailure === undefined ? '' : ` (${passmachine.lastFailure.code})`;
    return {
      code: 'PASSMACHINE_DOWN',
      text: `Passmachine failed several calls in a row${why}, so calls are kept back.`,
      remedy:
        'Nothing: one call at a time probes, and all go on once it is back. If it lasts, ask Passmachine.',
      ...since,
    };
  }
  if (gateMs < GATE_LONG_MS) return undefined;
  return {
    code: 'PASSMACHINE_WAITS',
    text: `Passmachine asked to wait: no call is made for another ${inWords(gateMs)}.`,
    remedy: 'Nothing: calls go on by themselves. Lower PASSMACHINE_MAX_PER_SECOND if it happens often.',
    ...since,
  };
}

function writebackAlert({ at, writeback, upstreams: { bloomreach } }: AlertFacts): Alert | undefined {
  const { waiting, oldestMs = 0 } = writeback;
  if (oldestMs < LATE_MS) return undefined;
  const why = bloomreach.lastFailure === undefined ? '' : ` Last: ${bloomreach.lastFailure.detail}`;
  return {
    code: 'WRITEBACK_LATE',
    text: `${counted(waiting, 'write-back waits', 'write-backs wait')} for Bloomreach, one for ${inWords(oldestMs)}.${why}`,
    remedy:
      'Check that a worker runs, BLOOMREACH_URL and the API key. Nothing is lost: they are sent once Bloomreach takes them.',
    since: at - oldestMs,
  };
}

function voucherAlerts({ vouchers }: AlertFacts): Alert[] {
  const empty = vouchers.filter(({ left }) => left === 0);
  return empty.map(({ pool, drawn }) => ({
    code: 'VOUCHERS_EMPTY',
    text: `No voucher code is left of ${pool}: ${counted(drawn, 'one was', 'all were')} drawn, and cards that need one wait.`,
    remedy: `Add codes at the end of ${pool}; the cards are made by themselves then.`,
  }));
}

/** Whether a guard has halted it: it goes on only when somebody says so. */
export function waitsForOperator({ status, halt }: Pick<Campaign, 'status' | 'halt'>): boolean {
  return status === 'held' || (status === 'paused' && halt?.kind !== 'asked');
}

function campaignAlerts({ campaigns }: AlertFacts): Alert[] {
  return campaigns.flatMap((campaign) => {
    const { id, halt } = campaign;
    if (!waitsForOperator(campaign) || halt === undefined) return [];
    return [
      {
        code: 'CAMPAIGN_HELD' as const,
        text: `Campaign ${id} waits for a person: ${halt.reason}`,
        remedy: `Look at its results, then resume or stop it: passbridge resume ${id}.`,
        since: halt.at,
        about: id,
      },
    ];
  });
}

function scheduleAlerts({ asking }: AlertFacts): Alert[] {
  return [...asking].map(([name, { count, first }]) => ({
    code: 'SCHEDULE_ASKS',
    text: `Schedule ${name} missed ${counted(count, 'run', 'runs')} and asks whether to make up for ${count === 1 ? 'it' : 'them'}.`,
    remedy: `Run it once, or skip what was missed: passbridge schedules run ${name}, or passbridge schedules skip ${name}.`,
    since: first,
    about: name,
  }));
}

function counted(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** Whole minutes, or hours where there are many. */
function inWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 120 ? counted(minutes, 'minute', 'minutes') : `${Math.floor(minutes / 60)} hours`;
}
