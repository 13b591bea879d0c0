/**
 * Feeds a campaign's source into the queue through a bounded window, so that a file of ten million
 * rows costs the queue no more than one of a thousand. Every step can be repeated: after a crash
 * it goes on behind the last row known to be queued, and what is queued twice is done once.
 */

import {
  type Campaign,
  type CampaignStatus,
  type Halt,
  type HaltedStatus,
  passActionOf,
} from '../domain/campaigns/campaign.ts';
import { type Condition, meantBy } from '../domain/campaigns/condition.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import type { Program } from '../domain/jobs/program.ts';
import type { Source } from '../domain/campaigns/source-row.ts';
import { type Clock, sleep } from '../kit/clock.ts';
import { makeDeferred } from '../kit/deferred.ts';
import type { Logger } from '../kit/logger.ts';
import { describeBadRow, isBadRow } from './bad-row.ts';
import { makeCanaryWatch } from './canary.ts';
import { type Endpoint, makeRowFilter } from './row-filter.ts';
import { type ForgottenList, leaveOutForgotten, restoreForgotten } from './forgotten-rows.ts';
import {
  rejectedByFilter,
  jobsOf,
  judgeRows,
  type JudgedRow,
  type FilteredRow,
  upToJobs,
} from './judged-row.ts';
import { countRows, type CountRowsOptions } from './count-rows.ts';

/** The durable facts about campaigns: see the ledger. */
interface Ledger {
  find(id: string): Promise<Campaign | undefined>;
  accept(id: string, upTo: number, atDoor: readonly FilteredRow[], now: number): Promise<void>;
  position(id: string): Promise<Position>;
  markQueued(id: string, position: Position, from: Position): Promise<boolean>;
  markCounted(id: string, rows: number): Promise<void>;
  markCanaryPassed(id: string): Promise<void>;
  markFed(id: string, row: number): Promise<boolean>;
  halt(id: string, to: HaltedStatus, why: Halt): Promise<CampaignStatus | undefined>;
}

/** How far the source is queued: the last row, and the jobs made so far. */
interface Position {
  row: number;
  people: number;
}

interface FeederOptions {
  ledger: Ledger;
  enqueue: (jobs: readonly PassJob[]) => Promise<void>;
  /** How often Redis was connected to: it may have gone back in time each time. */
  connects: () => number;
  forgotten: ForgottenList;
  /** Puts a campaign's parked jobs back into the queue. */
  requeue: (id: string) => Promise<unknown>;
  /** Feeds a campaign whose customers come by webhook. */
  feedWebhooks: (campaign: Campaign, signal: AbortSignal) => Promise<void>;
  /** The program in the version that a campaign goes by; undefined where there is none. */
  findProgram: (name: string, version?: string) => Promise<Program | undefined>;
  /** Opens the campaign's source; it and its rows throw where the source cannot be read as it was. */
  open: (campaign: Campaign) => Promise<Source>;
  /** Compiles a campaign's condition; throws where it cannot be. */
  conditionOf: (where: string) => Condition;
  /** What an error says about the source, for a person; undefined where it is not the source's fault. */
  faultOfSource: (error: unknown) => string | undefined;
  clock: Clock;
  log: Logger;
}

/** Redis does not know of rows that were queued: the campaign is fed anew from where Redis knows it to be. */
class WentBack extends Error {
  constructor() {
    super('Redis went back in time, or another process feeds the campaign');
  }
}

/** Rows of one campaign in the queue at once. */
const WINDOW = 1000;
/** Rows are queued by this many: small enough to refill the window before it is empty. */
const STEP = 250;
const POLL_MS = 25;

/** Makes the function that feeds one campaign until it is fed, halted or interrupted. */
export function makeFeeder(options: FeederOptions) {
  const { ledger, enqueue, connects, forgotten, requeue, feedWebhooks, findProgram } = options;
  const { open, conditionOf, faultOfSource, clock, log } = options;
  const watchCanary = makeCanaryWatch({ ...ledger, clock });

  const pause = async (id: string, kind: Halt['kind'], reason: string) => {
    await ledger.halt(id, 'paused', { kind, reason, by: 'passbridge', at: clock() });
    log.warn({ event: 'campaign.paused', campaign: id, kind }, reason);
  };

  /** Waits for room in the window; false when this feeder has to leave the campaign. */
  const hasRoom = async ({ id, resumes }: Campaign, signal: AbortSignal): Promise<boolean> => {
    while (!signal.aborted) {
      const now = await ledger.find(id);
      // Whoever resumes it has it fed anew.
      if (now?.status !== 'running' || now.resumes !== resumes) return false;
      if (now.inQueue + STEP <= WINDOW) return true;
      await sleep(POLL_MS, signal);
    }
    return false;
  };

  const feedStep = async (id: string, read: readonly JudgedRow[], from: Position) => {
    const before = connects();
    // They may have waited for room for long since they were judged.
    const judged = await leaveOutForgotten(read, forgotten);
    const jobs = jobsOf(judged);
    const next = { row: judged.at(-1)?.row ?? from.row, people: from.people + jobs.length };
    // Counted in first, so that a fast worker can never finish a row that nobody has counted.
    await ledger.accept(id, next.row, rejectedByFilter(judged), clock());
    if (jobs.length > 0) await enqueue(jobs);
    await restoreForgotten(jobs, forgotten);
    const isMarked = await ledger.markQueued(id, next, from);
    if (isMarked && connects() === before) return next;
    // What was queued may be gone, and whoever goes on must not go on behind it.
    if (isMarked) await ledger.markQueued(id, from, next);
    throw new WentBack();
  };

  /**
   * The last row once every one is queued; undefined when this feeder has to leave the campaign before.
   * `begun` is called whenever some were queued.
   */
  const feedAll = async (
    source: Source,
    campaign: Campaign,
    rowFilter: Endpoint,
    { begun, signal }: { begun: () => void; signal: AbortSignal },
  ): Promise<number | undefined> => {
    const { id, guards, canaryPassed, skipBadRows } = campaign;
    let canary = canaryPassed ? undefined : guards?.canary;
    let position = await ledger.position(id);
    const passed = position.row;

    const feedRows = async (judged: readonly JudgedRow[]): Promise<boolean> => {
      let rest = judged;
      while (rest.length > 0) {
        if (canary !== undefined && position.people >= canary.people) {
          if (!(await watchCanary(id, canary, signal))) return false;
          canary = undefined;
        }
        if (!(await hasRoom(campaign, signal))) return false;
        const people = canary === undefined ? STEP : canary.people - position.people;
        const step = upToJobs(rest.slice(0, STEP), people);
        position = await feedStep(id, step, position);
        begun();
        rest = rest.slice(step.length);
      }
      return true;
    };

    for await (const chunk of source.rows({ after: rowFilter.remembers ? 0 : passed, signal })) {
      const judged = judgeRows(chunk, rowFilter).filter(({ row }) => row > passed);
      const bad = skipBadRows === true ? undefined : chunk.find(isBadRow);
      if (bad !== undefined) {
        if (await feedRows(judged.filter(({ row }) => row < bad.number))) {
          await pause(id, 'bad-rows', describeBadRow(bad));
        }
        return undefined;
      }
      if (!(await feedRows(judged))) return undefined;
    }
    return signal.aborted ? undefined : position.row;
  };

  const count = async (
    source: Source,
    { id, skipBadRows }: Campaign,
    manner: Pick<CountRowsOptions, 'signal' | 'after'>,
  ) => {
    const rows = await countRows(source, {
      ...manner,
      onBadRow: async (row) => {
        if (skipBadRows !== true) await pause(id, 'bad-rows', describeBadRow(row));
      },
    });
    if (rows !== undefined) await ledger.markCounted(id, rows);
  };

  const feed = async (campaign: Campaign, program: Program, signal: AbortSignal) => {
    const source = await open(campaign);
    // A second card is refused by the ledger; a second change would ring twice.
    const remember = passActionOf(campaign.action) !== 'create';
    const { where, createdAt } = campaign;
    const isMeant = where === undefined ? undefined : meantBy(conditionOf(where), createdAt);
    const run = { ...campaign, program, ...(isMeant !== undefined && { isMeant }) };
    const rowFilter = makeRowFilter(run, { remember });
    const begun = makeDeferred();
    const feeding = feedAll(source, campaign, rowFilter, { signal, begun: begun.open });
    // It may end without a row to queue.
    const after = () => Promise.race([begun.opened, feeding]);
    const [last] = await Promise.all([
      feeding,
      campaign.expected === undefined ? count(source, campaign, { signal, after }) : undefined,
    ]);
    if (last === undefined) return;
    if (!(await ledger.markFed(campaign.id, last))) throw new WentBack();
    log.info({ event: 'campaign.fed', campaign: campaign.id }, 'every row is queued');
  };

  return async (id: string, signal: AbortSignal): Promise<'ended' | 'interrupted'> => {
    const campaign = await ledger.find(id);
    if (campaign?.status !== 'running') return 'ended';
    if (campaign.source.kind === 'webhooks') {
      await feedWebhooks(campaign, signal);
      return signal.aborted ? 'interrupted' : 'ended';
    }
    const program = await findProgram(campaign.program, campaign.programVersion);
    if (program === undefined) {
      const remedy = 'Put it back and resume.';
      await pause(id, 'source', `The programs file has no program ${campaign.program}. ${remedy}`);
      return 'ended';
    }
    await requeue(id);
    if (campaign.fed) return 'ended';
    try {
      await feed(campaign, program, signal);
    } catch (error) {
      const fault = faultOfSource(error);
      if (fault === undefined) throw error;
      await pause(id, 'source', fault);
    }
    return signal.aborted ? 'interrupted' : 'ended';
  };
}
