/**
 * Has Bloomreach fetch what a large campaign wrote back, as CSV imports: it asks not to be sent
 * high volumes by its tracking API (https://documentation.bloomreach.com/engagement/reference/tips-and-best-practices).
 * What cannot go this way goes by the other, so nothing waits for ever.
 */

import { type Failure, logFieldsOf } from '../domain/failures/failure.ts';
import { retryDelay } from '../domain/jobs/retry.ts';
import { type Clock, sleep } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';

/** A campaign whose write-backs are gathered. */
export interface LargeCampaign {
  id: string;
  /** When it began, ms. */
  createdAt: number;
  /** Nothing more of it is written back for now. */
  isAtRest: boolean;
}

interface ImportBatch {
  id: string;
  rows: number;
  tries: number;
}

/** See the ledger's parcels. */
interface ImportBatches {
  pendingImport(campaign: string): Promise<number>;
  seal(campaign: string, now: number): Promise<void>;
  tiedAt(campaign: string): Promise<number | undefined>;
  take(now: number, leaseMs: number): Promise<ImportBatch | undefined>;
  asked(id: string, due: number): Promise<void>;
  unpack(id: string, now: number): Promise<void>;
}

interface ImporterOptions {
  importBatches: ImportBatches;
  campaigns: () => Promise<LargeCampaign[]>;
  /** Asks Bloomreach to import a parcel, by its id. `repeat`: asking again may help. */
  ask: (importBatch: string) => Promise<{ ok: true } | { ok: false; failure: Failure; repeat: boolean }>;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  log: Logger;
}

/** Bloomreach takes a million rows; this is some 50 MB in Redis. */
const MOST_ROWS = 100_000;
/** A slow campaign's cards are in Bloomreach after this at the latest. */
const LONGEST_WAIT_MS = 15 * 60_000;
const LOOK_EVERY_MS = 2000;
/** Longer than a question takes. */
const LEASE_MS = 60_000;
/** Bloomreach starts an import some minutes after it was asked to. */
const PATIENCE_MS = 60 * 60_000;
/** Pauses after questions that were not answered; how often it is asked at all. */
const DELAYS_MS = [10_000, 60_000, 300_000, 900_000];
const MOST_TRIES = DELAYS_MS.length + 1;

/** Starts looking until it is stopped. Several processes may do so at once. */
export function startImporter({ importBatches, campaigns, ask, clock, random, log }: ImporterOptions) {
  const stopping = new AbortController();

  const sealAll = async () => {
    for (const { id, createdAt, isAtRest } of await campaigns()) {
      const pendingImport = await importBatches.pendingImport(id);
      if (pendingImport === 0) continue;
      const since = (await importBatches.tiedAt(id)) ?? createdAt;
      const late = clock() - since >= LONGEST_WAIT_MS;
      if (isAtRest || late || pendingImport >= MOST_ROWS) await importBatches.seal(id, clock());
    }
  };

  const carry = async ({ id, rows, tries }: ImportBatch) => {
    const line = { event: 'writeback.import', importBatch: id, rows };
    const giveUp = async (why: object) => {
      await importBatches.unpack(id, clock());
      log.warn({ ...line, ...why }, 'not imported, goes home in batches');
    };
    if (tries >= MOST_TRIES) return giveUp({ detail: `asked ${tries} times, and it was not fetched` });
    const answer = await ask(id);
    if (answer.ok) {
      await importBatches.asked(id, clock() + PATIENCE_MS);
      return log.info(line, 'import started');
    }
    const { failure, repeat } = answer;
    const delay = repeat ? retryDelay(tries + 1, DELAYS_MS, random(), failure.retryAfterMs) : undefined;
    if (delay === undefined) return giveUp(logFieldsOf(failure));
    await importBatches.asked(id, clock() + delay);
    return log.warn(
      { ...line, ...logFieldsOf(failure), delayMs: delay },
      'import not started, will be asked for again',
    );
  };

  const work = async () => {
    await sealAll();
    for (;;) {
      const importBatch = await importBatches.take(clock(), LEASE_MS);
      if (importBatch === undefined || stopping.signal.aborted) return;
      await carry(importBatch);
    }
  };

  const workOn = async () => {
    while (!stopping.signal.aborted) {
      await work().catch((error: unknown) =>
        log.error({ event: 'writeback.import-error', err: error }, 'import stumbled, going on'),
      );
      await sleep(LOOK_EVERY_MS, stopping.signal);
    }
  };

  const working = workOn();
  return {
    async stop(): Promise<void> {
      stopping.abort();
      await working;
    },
  };
}
