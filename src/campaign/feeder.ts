/**
 * Feeds a campaign's source into the queue through a bounded window, so that a file of ten million
 * rows costs the queue no more than one of a thousand. Every step can be repeated: after a crash
 * it goes on behind the last row known to be queued, and what is queued twice is done once.
 */

import type { Campaign } from '../job/campaign.ts';
import type { Failure } from '../job/failure.ts';
import type { SkipReason } from '../job/outcome.ts';
import type { PassJob } from '../job/pass-job.ts';
import type { Program } from '../job/program.ts';
import type { Source, SourceRow } from '../job/source-row.ts';
import { type Clock, sleep } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { decide } from './door.ts';

/** The durable facts about campaigns: see the ledger. */
interface Ledger {
  find(id: string): Promise<Campaign | undefined>;
  accept(id: string, upTo: number, atDoor: readonly RowAtDoor[], now: number): Promise<void>;
  queuedUpTo(id: string): Promise<number>;
  markQueued(id: string, upTo: number): Promise<void>;
  markFed(id: string): Promise<void>;
}

/** A row that ends where it is read. */
interface RowAtDoor {
  row: number;
  end: { state: 'skipped'; reason: SkipReason } | { state: 'rejected'; failure: Failure };
}

interface FeederOptions {
  ledger: Ledger;
  enqueue: (jobs: readonly PassJob[]) => Promise<void>;
  programs: ReadonlyMap<string, Program>;
  /** Opens the campaign's source; throws where it is gone or is not the file it was. */
  open: (campaign: Campaign) => Promise<Source>;
  clock: Clock;
  log: Logger;
}

/** Rows of one campaign in the queue at once. */
const WINDOW = 1000;
/** Rows are queued by this many: small enough to refill the window before it is empty. */
const STEP = 250;
const POLL_MS = 25;

/** Makes the function that feeds one campaign to its end, or until it is interrupted. */
export function makeFeeder({ ledger, enqueue, programs, open, clock, log }: FeederOptions) {
  /** Waits for room in the window; false when the campaign was stopped or the feeder is to hand over. */
  const hasRoom = async (id: string, signal: AbortSignal): Promise<boolean> => {
    while (!signal.aborted) {
      const campaign = await ledger.find(id);
      if (campaign === undefined || campaign.status === 'stopped') return false;
      if (campaign.status === 'running' && campaign.pending + STEP <= WINDOW) return true;
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

  return async (id: string, signal: AbortSignal): Promise<'ended' | 'interrupted'> => {
    const campaign = await ledger.find(id);
    if (campaign === undefined || campaign.fed) return 'ended';
    const program = programs.get(campaign.program);
    if (program === undefined) throw new Error(`the programs file has no program ${campaign.program}`);

    const source = await open(campaign);
    for await (const chunk of source.rows({ after: await ledger.queuedUpTo(id), signal })) {
      for (let start = 0; start < chunk.length; start += STEP) {
        if (!(await hasRoom(id, signal))) return signal.aborted ? 'interrupted' : 'ended';
        await feedStep(chunk.slice(start, start + STEP), campaign, program);
      }
    }
    if (signal.aborted) return 'interrupted';
    await ledger.markFed(id);
    log.info({ event: 'campaign.fed', campaign: id, rows: campaign.expected }, 'every row is queued');
    return 'ended';
  };
}
