/**
 * Sends write-backs to Bloomreach in batches. An entry leaves the outbox only after Bloomreach accepted it, so a
 * crash may repeat an update but never loses one. If Bloomreach itself fails, the relay pauses and no entry counts
 * as refused.
 */

import { type Failure, failureKinds, logFieldsOf } from '../domain/failures/failure.ts';
import { jittered, retryDelay } from '../domain/jobs/retry.ts';
import type { WriteBack } from '../domain/jobs/write-back.ts';
import type { Clock, MonotonicClock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { startPeriodic } from '../kit/periodic.ts';

/** The outbox in the ledger. */
interface Outbox {
  take(options: { size: number; maxWaitMs: number; leaseMs: number; now: number }): Promise<WriteBack[]>;
  markDelivered(entries: readonly WriteBack[]): Promise<void>;
  requeue(entries: readonly WriteBack[], due: number): Promise<void>;
  giveUp(entry: WriteBack, failure: Failure, now: number): Promise<void>;
}

/** Sends a batch. Returns `failed` if the whole call failed, or the refused entries by id. */
type Send = (
  entries: readonly WriteBack[],
) => Promise<
  { kind: 'failed'; failure: Failure } | { kind: 'answered'; refused: ReadonlyMap<string, Failure> }
>;

interface RelayOptions {
  outbox: Outbox;
  send: Send;
  clock: Clock;
  monotonic: MonotonicClock;
  /** In [0, 1). */
  random: () => number;
  log: Logger;
  /** Commands per batch; Bloomreach accepts up to 50. */
  batchSize: number;
  /** How long an entry may wait for its batch to fill. */
  maxWaitMs: number;
  /** Delays before a refused command is retried. After the last retry it is given up. */
  refusalDelaysMs: readonly number[];
}

export interface Relay {
  /** Sends no further batches. */
  quiesce(): void;
  /** Also waits for the batches in flight. */
  stop(): Promise<void>;
}

/** Concurrent batches per process. */
const PARALLEL = 2;
/**
 * Must outlast a call; then other processes take the entries of a dead one. If it is too short after all, an update
 * is repeated, which is harmless.
 */
const LEASE_MS = 15_000;
const POLL_MS = 100;
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;

/** Starts the relay. Several processes may run one. */
export function startRelay(options: RelayOptions): Relay {
  const { outbox, send, clock, monotonic, random, log, batchSize, maxWaitMs, refusalDelaysMs } = options;
  let pausedUntil = 0;
  let failuresInARow = 0;

  /** Pauses all batches of this process. Returns the pause, ms. */
  const pauseAfter = (failure: Failure): number => {
    failuresInARow += 1;
    const backoff = Math.min(FIRST_PAUSE_MS * 2 ** (failuresInARow - 1), MAX_PAUSE_MS);
    const pauseMs = Math.max(jittered(backoff, random()), failure.retryAfterMs ?? 0);
    pausedUntil = Math.max(pausedUntil, monotonic() + pauseMs);
    return pauseMs;
  };

  const settleRefused = async (entry: WriteBack, failure: Failure) => {
    const refusals = entry.refusals + 1;
    const delay =
      failureKinds[failure.code].repeat === 'never'
        ? undefined
        : retryDelay(refusals, refusalDelaysMs, random());
    if (delay === undefined) await outbox.giveUp(entry, failure, clock());
    else await outbox.requeue([{ ...entry, refusals }], clock() + delay);
  };

  const sendBatch = async (entries: readonly WriteBack[]) => {
    const startedAt = monotonic();
    const result = await send(entries);
    const line = {
      event: 'write-back.batch',
      commands: entries.length,
      durationMs: Math.round(monotonic() - startedAt),
    };
    if (result.kind === 'failed') {
      const pauseMs = pauseAfter(result.failure);
      await outbox.requeue(entries, clock() + pauseMs);
      log.warn({ ...line, ...logFieldsOf(result.failure), pauseMs }, 'batch failed and will be sent again');
      return;
    }
    failuresInARow = 0;
    const { refused } = result;
    const accepted = entries.filter((entry) => !refused.has(entry.id));
    if (accepted.length > 0) await outbox.markDelivered(accepted);
    for (const entry of entries) {
      const failure = refused.get(entry.id);
      if (failure !== undefined) await settleRefused(entry, failure);
    }
    log.info({ ...line, refused: refused.size }, 'batch written back');
  };

  const drain = async (signal: AbortSignal) => {
    while (!signal.aborted && monotonic() >= pausedUntil) {
      const entries = await outbox.take({ size: batchSize, maxWaitMs, leaseMs: LEASE_MS, now: clock() });
      if (entries.length === 0) return;
      for (const batch of splitBySize(entries)) {
        // Other processes need not wait for the lease to expire.
        if (signal.aborted) await outbox.requeue(batch, clock());
        else await sendBatch(batch);
      }
    }
  };

  /** After an error, the lease returns the entries to the outbox. */
  const work = (signal: AbortSignal) =>
    drain(signal).catch((error: unknown) => {
      pausedUntil = Math.max(pausedUntil, monotonic() + FIRST_PAUSE_MS);
      throw error;
    });

  const workers = Array.from({ length: PARALLEL }, () =>
    startPeriodic({ name: 'write-back', everyMs: POLL_MS, work, log }),
  );
  return {
    quiesce() {
      for (const worker of workers) worker.quiesce();
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

/** Bloomreach's limit for one call. */
const MAX_CALL_BYTES = 800_000;
/** For the name, id and braces around each command. */
const COMMAND_OVERHEAD_BYTES = 200;

/** Splits entries, in order, into batches of at most 800 KB. A larger entry is sent alone, and Bloomreach refuses it. */
function splitBySize(entries: readonly WriteBack[]): WriteBack[][] {
  const batches: WriteBack[][] = [];
  let batch: WriteBack[] = [];
  let size = 0;
  for (const entry of entries) {
    const bytes = Buffer.byteLength(JSON.stringify(entry.data)) + COMMAND_OVERHEAD_BYTES;
    if (batch.length > 0 && size + bytes > MAX_CALL_BYTES) {
      batches.push(batch);
      batch = [];
      size = 0;
    }
    batch.push(entry);
    size += bytes;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}
