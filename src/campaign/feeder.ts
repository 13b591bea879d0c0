/**
 * Feeds a campaign's source into the queue through a bounded window, so that a file of ten million
 * rows costs the queue no more than one of a thousand. Every step can be repeated: after a crash
 * it goes on behind the last row known to be queued, and what is queued twice is done once.
 */

import type { Campaign, CampaignStatus, Halt, HaltedStatus } from '../job/campaign.ts';
import type { Failure } from '../job/failure.ts';
import type { SkipReason } from '../job/outcome.ts';
import type { PassJob } from '../job/pass-job.ts';
import type { Program } from '../job/program.ts';
import type { Source, SourceRow } from '../job/source-row.ts';
import { type Clock, sleep } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { describeBadRow, isBadRow } from './bad-row.ts';
import { decide } from './door.ts';
import { scout } from './scout.ts';

/** The durable facts about campaigns: see the ledger. */
interface Ledger {
  find(id: string): Promise<Campaign | undefined>;
  accept(id: string, upTo: number, atDoor: readonly RowAtDoor[], now: number): Promise<void>;
  queuedUpTo(id: string): Promise<number>;
  markQueued(id: string, upTo: number): Promise<void>;
  markCounted(id: string, rows: number): Promise<void>;
  markFed(id: string): Promise<void>;
  halt(id: string, to: HaltedStatus, why: Halt): Promise<CampaignStatus | undefined>;
}

/** A row that ends where it is read. */
interface RowAtDoor {
  row: number;
  end: { state: 'skipped'; reason: SkipReason } | { state: 'rejected'; failure: Failure };
}

interface FeederOptions {
  ledger: Ledger;
  enqueue: (jobs: readonly PassJob[]) => Promise<void>;
  /** Puts a campaign's parked jobs back into the queue. */
  putBack: (id: string) => Promise<unknown>;
  programs: ReadonlyMap<string, Program>;
  /** Opens the campaign's source; it and its rows throw where the source cannot be read as it was. */
  open: (campaign: Campaign) => Promise<Source>;
  /** What an error says about the source, for a person; undefined where it is not the source's fault. */
  faultOfSource: (error: unknown) => string | undefined;
  clock: Clock;
  log: Logger;
}

/** Rows of one campaign in the queue at once. */
const WINDOW = 1000;
/** Rows are queued by this many: small enough to refill the window before it is empty. */
const STEP = 250;
const POLL_MS = 25;

/** Makes the function that feeds one campaign until it is fed, halted or interrupted. */
export function makeFeeder(options: FeederOptions) {
  const { ledger, enqueue, putBack, programs, open, faultOfSource, clock, log } = options;

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

  const feedStep = async (rows: readonly SourceRow[], campaign: Campaign, program: Program) => {
    const last = rows.at(-1);
    if (last === undefined) return;
    const decisions = rows.map((row) => ({
      row: row.number,
      decision: decide(row, { ...campaign, program }),
    }));
    const atDoor = decisions.flatMap(({ row, decision }) => {
      if (decision.kind === 'job') return [];
      const end =
        decision.kind === 'skip'
          ? { state: 'skipped' as const, reason: decision.reason }
          : { state: 'rejected' as const, failure: decision.failure };
      return [{ row, end }];
    });
    const jobs = decisions.flatMap(({ decision }) => (decision.kind === 'job' ? [decision.job] : []));
    // Counted in first, so that a fast worker can never finish a row that nobody has counted.
    await ledger.accept(campaign.id, last.number, atDoor, clock());
    if (jobs.length > 0) await enqueue(jobs);
    await ledger.markQueued(campaign.id, last.number);
  };

  /** Whether every row was queued; false when this feeder has to leave the campaign before. */
  const feedAll = async (source: Source, campaign: Campaign, program: Program, signal: AbortSignal) => {
    const after = await ledger.queuedUpTo(campaign.id);
    for await (const chunk of source.rows({ after, signal })) {
      const bad = campaign.skipBadRows === true ? undefined : chunk.find(isBadRow);
      if (bad !== undefined) {
        await pause(campaign.id, 'bad-rows', describeBadRow(bad));
        return false;
      }
      for (let start = 0; start < chunk.length; start += STEP) {
        if (!(await hasRoom(campaign, signal))) return false;
        await feedStep(chunk.slice(start, start + STEP), campaign, program);
      }
    }
    return !signal.aborted;
  };

  const count = async (source: Source, { id, skipBadRows }: Campaign, signal: AbortSignal) => {
    const rows = await scout(source, {
      signal,
      onBadRow: async (row) => {
        if (skipBadRows !== true) await pause(id, 'bad-rows', describeBadRow(row));
      },
    });
    if (rows !== undefined) await ledger.markCounted(id, rows);
  };

  const feed = async (campaign: Campaign, program: Program, signal: AbortSignal) => {
    const source = await open(campaign);
    const [fed] = await Promise.all([
      feedAll(source, campaign, program, signal),
      campaign.expected === undefined ? count(source, campaign, signal) : undefined,
    ]);
    if (!fed) return;
    await ledger.markFed(campaign.id);
    log.info({ event: 'campaign.fed', campaign: campaign.id }, 'every row is queued');
  };

  return async (id: string, signal: AbortSignal): Promise<'ended' | 'interrupted'> => {
    const campaign = await ledger.find(id);
    if (campaign?.status !== 'running') return 'ended';
    const program = programs.get(campaign.program);
    if (program === undefined) {
      await pause(
        id,
        'program',
        `The programs file has no program ${campaign.program}. Put it back and resume.`,
      );
      return 'ended';
    }
    await putBack(id);
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
