/**
 * Sends write-backs to Bloomreach in batches. An entry leaves the outbox only after Bloomreach accepted it, so a
 * crash may repeat an update but never loses one. If Bloomreach itself fails, all relays pause and no entry counts
 * as refused.
 */

import { type Failure, failureKinds, logFieldsOf } from '../domain/failures/failure.ts';
import { retryDelay } from '../domain/jobs/retry.ts';
import type { WriteBack } from '../domain/jobs/write-back.ts';
import { type Clock, type MonotonicClock, sleep } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { startPeriodic } from '../kit/periodic.ts';
import { halves, splitBySize } from './batches.ts';

interface Leased {
  entries: readonly WriteBack[];
  /** Proves that the entries are still leased to this process. */
  lease: string;
  /** Write-backs are paused, and these decide whether the pause ends. */
  isProbe: boolean;
  /** Ids of due entries whose content Redis has lost. */
  lost: readonly string[];
}

/** The outbox in the ledger. */
interface Outbox {
  take(options: { size: number; maxWaitMs: number; leaseMs: number }): Promise<Leased | undefined>;
  /** Returns undefined if the lease was lost. */
  renew(leased: Leased, leaseMs: number): Promise<Leased | undefined>;
  markDelivered(entries: readonly WriteBack[]): Promise<void>;
  requeue(entries: readonly WriteBack[], lease: string, delayMs: number): Promise<void>;
  giveUp(entry: WriteBack, lease: string, failure: Failure, now: number): Promise<void>;
  depth(): Promise<{ oldestDue: number | undefined }>;
}

/** The pause that all processes share. */
interface Pauses {
  /** Returns how long it lasts, ms. */
  pause(failure: Failure, options: { isProbe: boolean; random: number }): Promise<number>;
  resume(): Promise<boolean>;
}

/**
 * Sends a batch. Returns `failed` if the whole call failed, the refused entries by id, or `stopped` if `beforeCall`
 * refused one of the further calls that a refused batch needs.
 */
type Send = (
  entries: readonly WriteBack[],
  beforeCall: () => Promise<boolean>,
) => Promise<
  | { kind: 'failed'; failure: Failure }
  | { kind: 'answered'; refused: ReadonlyMap<string, Failure> }
  | { kind: 'stopped' }
>;

interface RelayOptions {
  outbox: Outbox;
  pauses: Pauses;
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
  /** Also waits for the batches in flight, and then sends what is due for up to 1.5 s. */
  stop(): Promise<void>;
}

/** Concurrent batches per process. */
const PARALLEL = 2;
/**
 * Must outlast one call, because it is renewed before each; then other processes take the entries of a dead one. If it
 * is too short after all, an update is repeated, which is harmless.
 */
const LEASE_MS = 15_000;
/** Poll interval while entries wait for their batch to fill. */
const POLL_MS = 100;
/** Poll interval while nothing is due: an entry would wait longer for its batch. */
const IDLE_POLL_MS = 1000;
/** Pause of this process after an error of its own, such as a lost connection to Redis. */
const ERROR_PAUSE_MS = 1000;
const FLUSH_MS = 1500;
/** Keeps the second half of an unreadable batch out of the batch of the first. */
const SPLIT_MS = 2000;

/** Starts the relay. Several processes may run one. */
export function startRelay(options: RelayOptions): Relay {
  const { outbox, pauses, send, clock, monotonic, random, log } = options;
  const { batchSize, maxWaitMs, refusalDelaysMs } = options;

  const settleRefused = async (entry: WriteBack, lease: string, failure: Failure) => {
    const refusals = entry.refusals + 1;
    const delay =
      failureKinds[failure.code].repeat === 'never'
        ? undefined
        : retryDelay(refusals, refusalDelaysMs, random());
    if (delay === undefined) await outbox.giveUp(entry, lease, failure, clock());
    else await outbox.requeue([{ ...entry, refusals }], lease, delay);
  };

  /** Returns the entries to the outbox, where the pause keeps them. */
  const pauseAfter = async (failure: Failure, { entries, lease, isProbe }: Leased) => {
    const pauseMs = await pauses.pause(failure, { isProbe, random: random() });
    // A firewall may object to the content of one entry: halves leave it alone in the end, and the others pass.
    const [first, second] = failure.code === 'BR_ANSWER_UNREADABLE' ? halves(entries) : [entries, []];
    await outbox.requeue(first, lease, 0);
    await outbox.requeue(second, lease, pauseMs + SPLIT_MS);
    return pauseMs;
  };

  /** Sends leased entries in as many batches as their size requires. */
  const sendLeased = async (taken: Leased, signal: AbortSignal) => {
    let held = taken;
    /** Whether the next call may start. */
    const renewLease = async () => {
      if (signal.aborted) return false;
      const renewed = await outbox.renew(held, LEASE_MS);
      held = renewed ?? held;
      return renewed !== undefined;
    };
    for (const batch of splitBySize(taken.entries)) {
      const startedAt = monotonic();
      const mayCall = batch[0] === taken.entries[0] || (await renewLease());
      const result = mayCall ? await send(batch, renewLease) : { kind: 'stopped' as const };
      const durationMs = Math.round(monotonic() - startedAt);
      const line = { event: 'write-back.batch', commands: batch.length, durationMs };
      switch (result.kind) {
        case 'stopped':
          // Other processes need not wait for the lease to expire.
          if (signal.aborted) await outbox.requeue(held.entries, held.lease, 0);
          else log.warn(line, 'lease lost; the rest of the batch is left to its new owner');
          return;
        case 'failed': {
          const pauseMs = await pauseAfter(result.failure, held);
          log.warn(
            { ...line, ...logFieldsOf(result.failure), pauseMs },
            'batch failed and will be sent again',
          );
          return;
        }
        case 'answered': {
          const { refused } = result;
          if (taken.isProbe && (await pauses.resume()))
            log.info(line, 'Bloomreach answers again; pause ended');
          const accepted = batch.filter((entry) => !refused.has(entry.id));
          if (accepted.length > 0) await outbox.markDelivered(accepted);
          for (const entry of batch) {
            const failure = refused.get(entry.id);
            if (failure !== undefined) await settleRefused(entry, held.lease, failure);
          }
          held = { ...held, entries: held.entries.filter((entry) => !batch.includes(entry)) };
          log.info({ ...line, refused: refused.size }, 'batch written back');
        }
      }
    }
  };

  /** Returns how long to wait for the next entry, ms. */
  const nextPollMs = async (): Promise<number> => {
    const { oldestDue } = await outbox.depth();
    const dueInMs = oldestDue === undefined ? IDLE_POLL_MS : oldestDue - clock();
    return Math.max(POLL_MS, Math.min(dueInMs, IDLE_POLL_MS, maxWaitMs));
  };

  /** Returns the pause until the next run, ms. */
  const drain = async (signal: AbortSignal, longestWaitMs = maxWaitMs): Promise<number> => {
    while (!signal.aborted) {
      const taken = await outbox.take({ size: batchSize, maxWaitMs: longestWaitMs, leaseMs: LEASE_MS });
      if (taken === undefined) return nextPollMs();
      const { lost } = taken;
      if (lost.length > 0)
        log.error({ event: 'write-back.lost', jobs: lost }, 'Redis has lost the content of write-backs');
      await sendLeased(taken, signal);
    }
    return 0;
  };

  /** Sends what settled just before the stop, although its batch is not full. The rest stays in the outbox. */
  const flush = async () => {
    const signal = AbortSignal.timeout(FLUSH_MS);
    // A call that outlasts the time is repeated when its lease has expired, which is harmless.
    await Promise.race([drain(signal, 0), sleep(FLUSH_MS)]).catch((error: unknown) => {
      log.warn({ event: 'write-back.flush-failed', err: error }, 'write-backs stay in the outbox');
    });
  };

  const startWorker = () => {
    let pauseMs = POLL_MS;
    const work = async (signal: AbortSignal) => {
      // After an error, the lease returns the entries to the outbox.
      pauseMs = ERROR_PAUSE_MS;
      pauseMs = await drain(signal);
    };
    return startPeriodic({ name: 'write-back', everyMs: () => pauseMs, work, log });
  };

  const workers = Array.from({ length: PARALLEL }, startWorker);
  let flushed: Promise<void> | undefined;
  return {
    quiesce() {
      for (const worker of workers) worker.quiesce();
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await (flushed ??= flush());
    },
  };
}
