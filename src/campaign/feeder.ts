/**
 * Feeds a campaign's source into the queue through a bounded window. Every step can be repeated: after a crash
 * the feeder continues after the last row known to be queued, and a job queued twice runs once.
 */

import {
  type Campaign,
  type CampaignStatus,
  type Halt,
  type HaltedStatus,
  passActionOf,
} from '../domain/campaigns/campaign.ts';
import { type Condition, matcherFor } from '../domain/campaigns/condition.ts';
import type { Source } from '../domain/campaigns/source-row.ts';
import { STEP } from '../domain/campaigns/window.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import type { Program } from '../domain/jobs/program.ts';
import { type Clock, monotonicClock, sleep } from '../kit/clock.ts';
import { makeDeferred } from '../kit/deferred.ts';
import type { Logger } from '../kit/logger.ts';
import { makeCanaryWatch } from './canary.ts';
import { countRows, type CountRowsOptions, describeBadRow, isBadRow } from './count-rows.ts';
import {
  type FilteredRow,
  filteredRows,
  firstRowsWith,
  type ForgottenList,
  jobsOf,
  type JudgedRow,
  judgeRows,
  removeForgotten,
  skipForgotten,
} from './judged-row.ts';
import { makeThrottle } from './throttle.ts';
import { waitForRoom } from './room.ts';
import { makeRowFilter, type RowFilter } from './row-filter.ts';

/** The durable state of campaigns: see the ledger. */
interface Ledger {
  find(id: string): Promise<Campaign | undefined>;
  accept(id: string, upTo: number, filtered: readonly FilteredRow[], now: number): Promise<void>;
  position(id: string): Promise<Position>;
  markQueued(id: string, position: Position, from: Position): Promise<boolean>;
  markCounted(id: string, rows: number): Promise<void>;
  markCanaryPassed(id: string): Promise<void>;
  markFed(id: string, row: number): Promise<boolean>;
  markOpened(id: string): Promise<void>;
  halt(id: string, to: HaltedStatus, halt: Halt): Promise<CampaignStatus | undefined>;
  recordFeedProblem(id: string, reason: string, now: number): Promise<void>;
  clearFeedProblem(id: string): Promise<void>;
}

/** How far the source is queued: the last row, and the jobs made so far. */
interface Position {
  row: number;
  jobs: number;
}

interface FeederOptions {
  ledger: Ledger;
  enqueue: (jobs: readonly PassJob[]) => Promise<void>;
  /** Number of connections made to Redis so far: each may be to a Redis that has lost its newest writes. */
  connects: () => number;
  forgotten: ForgottenList;
  /** Requeues a campaign's parked jobs. */
  requeue: (id: string) => Promise<unknown>;
  /** Feeds a campaign whose customers come by webhook. */
  feedWebhooks: (campaign: Campaign, signal: AbortSignal) => Promise<void>;
  /** Returns the program in the version that the campaign uses; undefined if there is none. */
  findProgram: (name: string, version?: string) => Promise<Program | undefined>;
  /** Opens the campaign's source. It and its rows throw if the source is unreadable or was changed. */
  open: (campaign: Campaign) => Promise<Source>;
  /** Compiles a campaign's condition; throws if it does not compile. */
  conditionOf: (where: string) => Condition;
  /** Describes an error of the source for an operator; undefined for any other error. */
  sourceProblem: (error: unknown) => string | undefined;
  clock: Clock;
  log: Logger;
}

/** Longest pause of a throttled campaign between two checks of whether it still runs. */
const MAX_THROTTLE_MS = 1000;

/** Redis has lost the record of rows that were queued: the campaign must be fed again from its recorded position. */
class PositionLost extends Error {
  constructor() {
    super('Redis lost recent writes, or another process feeds this campaign');
  }
}

/** Returns a function that feeds one campaign until it is fed, halted or interrupted. */
export function makeFeeder(options: FeederOptions) {
  const { ledger, enqueue, connects, forgotten, requeue, feedWebhooks, findProgram } = options;
  const { open, conditionOf, sourceProblem, clock, log } = options;
  const watchCanary = makeCanaryWatch({ ...ledger, clock, monotonic: monotonicClock });

  const pause = async (id: string, kind: Halt['kind'], reason: string) => {
    await ledger.halt(id, 'paused', { kind, reason, by: 'passbridge', at: clock() });
    log.warn({ event: 'campaign.paused', campaign: id, kind }, reason);
  };

  const feedStep = async (id: string, read: readonly JudgedRow[], from: Position): Promise<Position> => {
    const before = connects();
    // The rows may have waited long for room since they were judged.
    const judged = await skipForgotten(read, forgotten);
    const jobs = jobsOf(judged);
    const next = { row: judged.at(-1)?.row ?? from.row, jobs: from.jobs + jobs.length };
    // Rows are counted before they are queued, so that a fast worker cannot finish an uncounted row.
    await ledger.accept(id, next.row, filteredRows(judged), clock());
    if (jobs.length > 0) await enqueue(jobs);
    await removeForgotten(jobs, forgotten);
    const isMarked = await ledger.markQueued(id, next, from);
    if (isMarked && connects() === before) return next;
    // The queued jobs may be lost, so the next feeder must not continue after them.
    if (isMarked) await ledger.markQueued(id, from, next);
    throw new PositionLost();
  };

  /**
   * Returns the last row once every row is queued; undefined if this feeder must leave the campaign before that.
   * Calls `onQueued` after each step.
   */
  const feedAll = async (
    source: Source,
    campaign: Campaign,
    rowFilter: RowFilter,
    { onQueued, signal }: { onQueued: () => Promise<void>; signal: AbortSignal },
  ): Promise<number | undefined> => {
    const { id, guards, canaryPassed, skipBadRows } = campaign;
    let canary = canaryPassed ? undefined : guards?.canary;
    let position = await ledger.position(id);
    const alreadyQueued = position.row;
    const throttle = makeThrottle(guards?.sendingRate, campaign.rows, monotonicClock);

    const feedRows = async (judged: readonly JudgedRow[]): Promise<boolean> => {
      let rest = judged;
      while (rest.length > 0) {
        if (canary !== undefined && position.jobs >= canary.customers) {
          if (!(await watchCanary(id, canary, signal))) return false;
          canary = undefined;
        }
        if ((await waitForRoom(ledger.find, campaign, { signal })) === undefined) return false;
        const jobs = canary === undefined ? STEP : canary.customers - position.jobs;
        const step = throttle.take(firstRowsWith(jobs, rest.slice(0, STEP)));
        if (step.length === 0) {
          await sleep(Math.min(throttle.waitMs(), MAX_THROTTLE_MS), signal);
          continue;
        }
        position = await feedStep(id, step, position);
        await onQueued();
        rest = rest.slice(step.length);
      }
      return true;
    };

    for await (const chunk of source.rows({ after: rowFilter.remembers ? 0 : alreadyQueued, signal })) {
      const judged = (await judgeRows(chunk, rowFilter)).filter(({ row }) => row > alreadyQueued);
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
    timing: Pick<CountRowsOptions, 'signal' | 'after'>,
  ) => {
    const rows = await countRows(source, {
      ...timing,
      onBadRow: async (row) => {
        if (skipBadRows !== true) await pause(id, 'bad-rows', describeBadRow(row));
      },
    });
    if (rows !== undefined) await ledger.markCounted(id, rows);
  };

  const feed = async (campaign: Campaign, program: Program, signal: AbortSignal) => {
    // Data that comes by webhook from now on is newer than the source.
    await ledger.markOpened(campaign.id);
    const source = await open(campaign);
    // The ledger rejects a second card for a customer, but a second PATCH would notify twice.
    const remember = passActionOf(campaign.action) !== 'create';
    const { where, createdAt } = campaign;
    const matches = where === undefined ? undefined : matcherFor(conditionOf(where), createdAt);
    const run = { ...campaign, program, ...(matches !== undefined && { matches }) };
    const rowFilter = makeRowFilter(run, { remember });
    const queued = makeDeferred();
    let hasProblem = campaign.feedProblem !== undefined;
    const onQueued = async () => {
      queued.resolve();
      if (hasProblem) await ledger.clearFeedProblem(campaign.id);
      hasProblem = false;
    };
    const feeding = feedAll(source, campaign, rowFilter, { signal, onQueued });
    // Feeding may end without a row to queue.
    const after = () => Promise.race([queued.promise, feeding]);
    const [last] = await Promise.all([
      feeding,
      campaign.expected === undefined ? count(source, campaign, { signal, after }) : undefined,
    ]);
    if (last === undefined) return;
    if (!(await ledger.markFed(campaign.id, last))) throw new PositionLost();
    log.info({ event: 'campaign.fed', campaign: campaign.id }, 'all rows are queued');
  };

  const feedAny = async (campaign: Campaign, signal: AbortSignal): Promise<void> => {
    const { id } = campaign;
    if (campaign.source.kind === 'webhooks') return feedWebhooks(campaign, signal);
    const program = await findProgram(campaign.program, campaign.programVersion);
    if (program === undefined) {
      const remedy = 'Restore it and resume the campaign.';
      return pause(id, 'source', `The programs file has no program ${campaign.program}. ${remedy}`);
    }
    await requeue(id);
    if (campaign.fed) return;
    try {
      await feed(campaign, program, signal);
    } catch (error) {
      const fault = sourceProblem(error);
      if (fault === undefined) throw error;
      await pause(id, 'source', fault);
    }
  };

  return async (id: string, signal: AbortSignal): Promise<'ended' | 'interrupted'> => {
    const campaign = await ledger.find(id);
    if (campaign?.status !== 'running') return 'ended';
    try {
      await feedAny(campaign, signal);
    } catch (error) {
      // The queue tries again; until then operators see why the campaign waits.
      await ledger.recordFeedProblem(id, problemOf(error), clock());
      throw error;
    }
    if (signal.aborted) return 'interrupted';
    if (campaign.feedProblem !== undefined) await ledger.clearFeedProblem(id);
    return 'ended';
  };
}

const MAX_PROBLEM_LENGTH = 300;

function problemOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_PROBLEM_LENGTH);
}
