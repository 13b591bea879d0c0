/**
 * A journal outside Redis of the latest creates of this process: a line before each call, and one with its result. A
 * restored store learns from it which cards were made, even if their results had not reached Bloomreach.
 */

import { randomUUID } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { QueuedJob } from '../../domain/jobs/pass-job.ts';
import type { Claim, ClaimOptions, Settlement, SettleResult } from '../../domain/jobs/settlement.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../kit/files.ts';

export type JournalEntry =
  | { kind: 'sent'; at: number; job: QueuedJob }
  | { kind: 'settled'; at: number; job: QueuedJob; settlement: Settlement }
  /** Nothing was made: the job will be sent again, or has failed. */
  | { kind: 'released'; at: number; id: string };

/** The operations of the ledger that the journal records. */
export interface RecordedLedger {
  claim(job: QueuedJob, options?: ClaimOptions): Promise<Claim>;
  release(job: QueuedJob, ...rest: never[]): Promise<void>;
  settle(job: QueuedJob, settlement: Settlement): Promise<SettleResult>;
}

export interface CardJournal {
  /** Wraps a ledger so that creates are recorded. */
  record<L extends RecordedLedger>(ledger: L): L;
  /** Shows that this process is alive, so that no other one takes its calls in flight for lost. */
  touch(): void;
  close(): void;
}

const HOUR_MS = 3_600_000;
/** A process begins a new file after this time, so that one which makes no more cards does not keep its last ones. */
const MAX_FILE_AGE_MS = HOUR_MS;
export const SWEEP_EVERY_MS = HOUR_MS;
/** Customers' attributes are in the journal, so no line is kept for longer than 24 hours. */
const KEPT_MS = 24 * HOUR_MS - MAX_FILE_AGE_MS - SWEEP_EVERY_MS;
/** At 1.5 kB a card, one file holds about 20,000 cards. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
/** Of all files of a home. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Deletes the old journals of every home on this machine, also of those that no longer work. `now`: ms since 1970. */
export function sweepJournals(storeMarkDir: string, now: number): void {
  for (const home of namesIn(join(storeMarkDir, 'cards'))) deleteOld(journalFolder(storeMarkDir, home), now);
}

/** Returns the paths of all journals on this machine. */
export function allJournals(storeMarkDir: string): string[] {
  return namesIn(join(storeMarkDir, 'cards')).flatMap((home) => {
    const folder = journalFolder(storeMarkDir, home);
    return namesIn(folder).map((name) => join(folder, name));
  });
}

/** Returns the folder of a home's journals. */
export function journalFolder(storeMarkDir: string, home: string): string {
  return join(storeMarkDir, 'cards', home);
}

/** Opens no file before the first create. A journal that cannot be written never blocks work. */
export function openCardJournal(folder: string, clock: Clock, log: Logger): CardJournal {
  let file: { path: string; fd: number; bytes: number; openedAt: number } | undefined;
  let isReported = false;

  const close = () => {
    if (file !== undefined) closeSync(file.fd);
    file = undefined;
  };

  const openFile = () => {
    close();
    mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
    deleteOld(folder, clock());
    const path = join(folder, `${process.pid}-${randomUUID()}.jsonl`);
    return { path, fd: openSync(path, 'a', PRIVATE_FILE), bytes: 0, openedAt: clock() };
  };

  const closeIfFull = () => {
    if (file === undefined) return;
    if (file.bytes > MAX_FILE_BYTES || clock() - file.openedAt > MAX_FILE_AGE_MS) close();
  };

  /** Synchronous, because the line must be written before the call leaves. It takes 10 to 20 µs. */
  const write = (entry: JournalEntry) => {
    try {
      closeIfFull();
      file ??= openFile();
      file.bytes += writeSync(file.fd, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      if (!isReported) log.warn({ event: 'card-journal.unwritable', err: error });
      isReported = true;
    }
  };

  return {
    record: (ledger) => ({
      ...ledger,
      async claim(job: QueuedJob, options?: ClaimOptions) {
        const claim = await ledger.claim(job, options);
        const isSent = claim.answer === 'go' && options?.stage !== 'prepared';
        if (job.action === 'create' && isSent) write({ kind: 'sent', at: clock(), job });
        return claim;
      },
      async release(job: QueuedJob, ...rest: never[]) {
        if (job.action === 'create') write({ kind: 'released', at: clock(), id: job.id });
        await ledger.release(job, ...rest);
      },
      async settle(job: QueuedJob, settlement: Settlement) {
        if (job.action === 'create') {
          write(
            isCardPossible(settlement)
              ? { kind: 'settled', at: clock(), job: forSettlement(job, settlement), settlement }
              : { kind: 'released', at: clock(), id: job.id },
          );
        }
        return ledger.settle(job, settlement);
      },
    }),
    touch() {
      closeIfFull();
      const now = new Date(clock());
      if (file !== undefined) utimesSync(file.path, now, now);
    },
    close,
  };
}

function isCardPossible({ state }: Settlement): boolean {
  return state === 'done' || state === 'unknown';
}

/** A card that was made needs no attributes any more, except the e-mail by which the customer is found. */
function forSettlement(job: QueuedJob, { state }: Settlement): QueuedJob {
  if (state !== 'done') return job;
  const { body: _body, customer, ...rest } = job;
  const email = customer.attributes['email'];
  return { ...rest, customer: { ids: customer.ids, attributes: email === undefined ? {} : { email } } };
}

function deleteOld(folder: string, now: number): void {
  const files = namesIn(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined ? [] : [{ path, at: found.mtimeMs, bytes: found.size }];
    })
    .toSorted((a, b) => b.at - a.at);
  let total = 0;
  for (const { path, at, bytes } of files) {
    total += bytes;
    if (total > MAX_BYTES || at < now - KEPT_MS) rmSync(path, { force: true });
  }
}

/** Returns none if there is no such folder. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
