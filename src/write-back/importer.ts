/**
 * Makes Bloomreach fetch the write-backs of large campaigns as CSV imports: it asks not to receive high volumes
 * through its tracking API (https://documentation.bloomreach.com/engagement/reference/tips-and-best-practices).
 * A batch that cannot be imported falls back to the tracking API, so no write-back waits forever.
 */

import { type Failure, logFieldsOf } from '../domain/failures/failure.ts';
import { retryDelay } from '../domain/jobs/retry.ts';
import type { Logger } from '../kit/logger.ts';
import { type Periodic, startPeriodic } from '../kit/periodic.ts';

/** A campaign whose write-backs are collected for imports. */
export interface LargeCampaign {
  id: string;
  /** Whether its jobs are being sent, so that further write-backs may follow. */
  isRunning: boolean;
}

interface ImportBatch {
  id: string;
  rows: number;
  /** How many times Bloomreach was asked to import it. */
  requests: number;
}

/** The import batches in the ledger. */
interface ImportBatches {
  backlog(campaign: string): Promise<{ count: number; ageMs: number }>;
  seal(campaign: string): Promise<void>;
  take(leaseMs: number): Promise<ImportBatch | undefined>;
  markRequested(id: string, delayMs: number): Promise<void>;
  fallBack(id: string): Promise<void>;
}

/** The pause of all calls to Bloomreach, which the relay shares. */
interface Pauses {
  pause(failure: Failure, options: { isProbe: boolean; random: number }): Promise<number>;
  resume(): Promise<boolean>;
  current(): Promise<{ leftMs: number } | undefined>;
}

interface ImporterOptions {
  importBatches: ImportBatches;
  pauses: Pauses;
  campaigns: () => Promise<LargeCampaign[]>;
  /** Asks Bloomreach to import a batch, by its id. `retryable`: the same request may be accepted later. */
  requestImport: (
    batch: string,
  ) => Promise<{ ok: true } | { ok: false; failure: Failure; retryable: boolean }>;
  /** In [0, 1). */
  random: () => number;
  log: Logger;
}

/** Bloomreach accepts a million rows; this many take about 50 MB in Redis. */
const MAX_ROWS = 100_000;
/** The cards of a slow campaign reach Bloomreach after this time at the latest. */
const MAX_WAIT_MS = 15 * 60_000;
const CHECK_EVERY_MS = 2000;
/** Longer than a request takes. */
const LEASE_MS = 60_000;
/** How long Bloomreach may take to fetch a batch. It starts an import some minutes after the request. */
const FETCH_TIMEOUT_MS = 60 * 60_000;
/** Delays before a failed request is repeated. */
const RETRY_DELAYS_MS = [10_000, 60_000, 300_000, 900_000];
const MAX_REQUESTS = RETRY_DELAYS_MS.length + 1;

/** Starts the importer. Several processes may run one. */
export function startImporter(options: ImporterOptions): Periodic {
  const { importBatches, pauses, campaigns, requestImport, random, log } = options;

  const sealDue = async () => {
    for (const { id, isRunning } of await campaigns()) {
      const { count, ageMs } = await importBatches.backlog(id);
      if (count === 0) continue;
      if (!isRunning || ageMs >= MAX_WAIT_MS || count >= MAX_ROWS) await importBatches.seal(id);
    }
  };

  /** `isProbe`: the pause is over, and no call has been answered since. */
  const request = async ({ id, rows, requests }: ImportBatch, isProbe: boolean) => {
    const line = { event: 'write-back.import', importBatch: id, rows };
    const fallBack = async (why: object) => {
      await importBatches.fallBack(id);
      log.warn({ ...line, ...why }, 'not imported; falls back to the tracking API');
    };
    if (requests >= MAX_REQUESTS)
      return fallBack({ detail: `requested ${requests} times and never fetched` });
    const result = await requestImport(id);
    if (result.ok) {
      await importBatches.markRequested(id, FETCH_TIMEOUT_MS);
      if (isProbe) await pauses.resume();
      return log.info(line, 'import requested');
    }
    const { failure, retryable } = result;
    // The rate limit counts the calls of the relay, too. Another failure may be one of imports alone.
    if (failure.code === 'BR_RATE_LIMITED') await pauses.pause(failure, { isProbe, random: random() });
    const delayMs = retryable
      ? retryDelay(requests + 1, RETRY_DELAYS_MS, random(), failure.retryAfterMs)
      : undefined;
    if (delayMs === undefined) return fallBack(logFieldsOf(failure));
    await importBatches.markRequested(id, delayMs);
    return log.warn(
      { ...line, ...logFieldsOf(failure), delayMs },
      'import request failed and will be repeated',
    );
  };

  const work = async (signal: AbortSignal) => {
    await sealDue();
    for (;;) {
      if (signal.aborted) return;
      const pause = await pauses.current();
      if (pause !== undefined && pause.leftMs > 0) return;
      const batch = await importBatches.take(LEASE_MS);
      if (batch === undefined || signal.aborted) return;
      await request(batch, pause !== undefined);
    }
  };

  return startPeriodic({ name: 'imports', everyMs: CHECK_EVERY_MS, work, log });
}
