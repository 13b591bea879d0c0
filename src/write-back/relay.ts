/**
 * Carries write-backs home in batches. An entry leaves the outbox only when Bloomreach accepted
 * it, so a crash costs a repeated update and never a lost one. Trouble on Bloomreach's side pauses
 * the relay and blames no entry.
 */

import { type Failure, failureKinds, logFieldsOf } from '../domain/failures/failure.ts';
import { jittered, retryDelay } from '../domain/jobs/retry.ts';
import type { WriteBack } from '../domain/jobs/write-back.ts';
import { type Clock, sleep } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { slices } from './slices.ts';

/** Where entries come from: see the ledger's outbox. */
interface Outbox {
  take(options: { size: number; maxWaitMs: number; leaseMs: number; now: number }): Promise<WriteBack[]>;
  delivered(entries: readonly WriteBack[]): Promise<void>;
  requeue(entries: readonly WriteBack[], due: number): Promise<void>;
  giveUp(entry: WriteBack, failure: Failure, now: number): Promise<void>;
}

/** Where they go: trouble with the whole batch, or the refused ones by id. */
type Send = (
  entries: readonly WriteBack[],
) => Promise<
  { kind: 'again'; failure: Failure } | { kind: 'answered'; refused: ReadonlyMap<string, Failure> }
>;

interface RelayOptions {
  outbox: Outbox;
  send: Send;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  log: Logger;
  /** Commands in a batch; Bloomreach takes 50. */
  batchSize: number;
  /** How long an entry may wait for its batch to fill. */
  maxWaitMs: number;
  /** Pauses before a refused command is tried again; then it is given up. */
  refusalDelaysMs: readonly number[];
}

export interface Relay {
  /** Finishes the batches that are out, takes no more. */
  stop(): Promise<void>;
}

/** Batches under way at once. */
const PARALLEL = 2;
/**
 * Above the time that one call may take; after it the entries of a dead process come up again. Where
 * it is too short after all, an update is repeated, which changes nothing.
 */
const LEASE_MS = 15_000;
const POLL_MS = 100;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Starts carrying until it is stopped. Several processes may do so at once. */
export function startRelay(options: RelayOptions): Relay {
  const { outbox, send, clock, random, log, batchSize, maxWaitMs, refusalDelaysMs } = options;
  const stopping = new AbortController();
  let pausedUntil = 0;
  let troubles = 0;

  const pauseFor = (failure: Failure): number => {
    troubles += 1;
    const growing = Math.min(FIRST_PAUSE_MS * 2 ** (troubles - 1), LONGEST_PAUSE_MS);
    const pause = Math.max(jittered(growing, random()), failure.retryAfterMs ?? 0);
    pausedUntil = Math.max(pausedUntil, clock() + pause);
    return pause;
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

  const carry = async (entries: readonly WriteBack[]) => {
    const startedAt = clock();
    const result = await send(entries);
    const line = { event: 'writeback.batch', commands: entries.length, durationMs: clock() - startedAt };
    if (result.kind === 'again') {
      const pauseMs = pauseFor(result.failure);
      await outbox.requeue(entries, clock() + pauseMs);
      log.warn(
        { ...line, ...logFieldsOf(result.failure), pauseMs },
        'batch not accepted, will be sent again',
      );
      return;
    }
    troubles = 0;
    const { refused } = result;
    const accepted = entries.filter((entry) => !refused.has(entry.id));
    if (accepted.length > 0) await outbox.delivered(accepted);
    for (const entry of entries) {
      const failure = refused.get(entry.id);
      if (failure !== undefined) await settleRefused(entry, failure);
    }
    log.info({ ...line, refused: refused.size }, 'batch written back');
  };

  const work = async () => {
    while (!stopping.signal.aborted) {
      const now = clock();
      const entries =
        now < pausedUntil ? [] : await outbox.take({ size: batchSize, maxWaitMs, leaseMs: LEASE_MS, now });
      for (const slice of slices(entries)) await carry(slice);
      if (entries.length === 0) await sleep(POLL_MS, stopping.signal);
    }
  };

  /** A bug or an outage of Redis must not end the relay: the lease brings its entries back. */
  const workOn = async () => {
    while (!stopping.signal.aborted) {
      try {
        await work();
      } catch (error) {
        log.error({ event: 'writeback.error', err: error }, 'write-back stumbled, going on');
        await sleep(FIRST_PAUSE_MS, stopping.signal);
      }
    }
  };

  const loops = Array.from({ length: PARALLEL }, workOn);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
