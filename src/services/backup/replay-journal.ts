/**
 * Replays the journals of a home into a restored store: settles rows whose cards were made, and sends their results to
 * Bloomreach again. Replaying twice changes nothing, so an interrupted replay is repeated.
 */

import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { CustomerCard } from '../../domain/campaigns/reconcile.ts';
import { failure } from '../../domain/failures/failure.ts';
import type { QueuedJob } from '../../domain/jobs/pass-job.ts';
import type { Settlement } from '../../domain/jobs/settlement.ts';
import type { Stores } from '../stores.ts';
import type { JournalEntry } from './card-journal.ts';

export type ReplayStores = Pick<Stores, 'jobs' | 'campaigns' | 'reconcileCards' | 'outbox'>;

export interface Replayed {
  /** Rows that were settled, or cards of campaigns that the store no longer has. */
  cards: number;
  /** Creates whose process died in mid-call. */
  unknown: number;
}

interface ReplayOptions {
  folders: readonly string[];
  /** Start of the lost period, ms since 1970. */
  since: number;
  now: number;
}

/** A process touches its journal twice a second. */
const ALIVE_MS = 5000;

export async function replayJournals(
  stores: ReplayStores,
  { folders, since, now }: ReplayOptions,
): Promise<Replayed> {
  const replayed = { cards: 0, unknown: 0 };
  const apply = makeApply(stores);
  const lost = new Map<string, QueuedJob>();
  for (const path of await journalsIn(folders, since)) {
    const inFlight = new Map<string, QueuedJob>();
    for await (const entry of entriesOf(path)) {
      if (entry.kind === 'sent') inFlight.set(entry.job.id, entry.job);
      else {
        const id = entry.kind === 'settled' ? entry.job.id : entry.id;
        inFlight.delete(id);
        // The file with the call may be an earlier one.
        lost.delete(id);
      }
      if (
        entry.kind === 'settled' &&
        entry.at >= since &&
        (await apply(entry.job, entry.settlement, entry.at))
      ) {
        replayed.cards += 1;
      }
    }
    if (!(await isAlive(path, now))) for (const [id, job] of inFlight) lost.set(id, job);
  }
  // Last, because another process may have settled the job since.
  const unknown = failure('PM_UNKNOWN_CRASH', 'the worker that sent it never settled it');
  for (const job of lost.values()) {
    const settlement = {
      state: 'unknown',
      failure: unknown,
      attempts: (job.attempts ?? 0) + 1,
      at: now,
    } as const;
    if (await apply(job, settlement, now)) replayed.unknown += 1;
  }
  return replayed;
}

/** Returns the journals written since a time, oldest first. */
async function journalsIn(folders: readonly string[], since: number): Promise<string[]> {
  const found: { path: string; at: number }[] = [];
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      const at = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
      if (at >= since) found.push({ path, at });
    }
  }
  return found.toSorted((a, b) => a.at - b.at).map(({ path }) => path);
}

/** The last line may be cut short by a power cut. */
async function* entriesOf(path: string): AsyncGenerator<JournalEntry> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    try {
      yield JSON.parse(line) as JournalEntry;
    } catch {
      continue;
    }
  }
}

async function isAlive(path: string, now: number): Promise<boolean> {
  const pid = Number.parseInt(basename(path), 10);
  const touchedAt = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
  if (touchedAt < now - ALIVE_MS) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Returns a function that applies a settlement; true if the store did not know it. */
function makeApply({ jobs, campaigns, reconcileCards, outbox }: ReplayStores) {
  const found = new Map<string, Campaign | undefined>();
  const find = async (id: string) => {
    if (!found.has(id)) found.set(id, await campaigns.find(id));
    return found.get(id);
  };
  return async (job: QueuedJob, settlement: Settlement, at: number): Promise<boolean> => {
    const campaign = await find(job.campaign);
    const isRowKnown =
      campaign !== undefined && (campaign.source.kind === 'file' || job.row <= campaign.read);
    if (isRowKnown) {
      const { kind } = await jobs.settle(job, settlement);
      // The claim of an earlier delivery, from the time of the backup, is over.
      if (settlement.state === 'done')
        await reconcileCards.record(job.program, [cardOf(job, settlement)], false);
      return kind === 'recorded';
    }
    if (settlement.state !== 'done') return false;
    const [isUnknown] = await reconcileCards.record(job.program, [cardOf(job, settlement)], false);
    if ('writeBack' in settlement && settlement.writeBack !== undefined)
      await outbox.add({ ...settlement.writeBack, at });
    return isUnknown === true;
  };
}

function cardOf({ customer }: QueuedJob, settlement: Extract<Settlement, { state: 'done' }>): CustomerCard {
  return { customer, passId: settlement.card?.passId ?? '' };
}
