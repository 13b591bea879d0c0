/**
 * Decides which job of this process calls next, within the permits and rate tokens that the process holds.
 *
 * A job requests a slot with `acquire`. The request moves through these states, never backwards:
 *
 *   WAITING    In line by priority, then by arrival. Moves on when calls in flight and slots being prepared are
 *              together fewer than permits + lookahead, and a rate token is left for it.
 *   PREPARING  `acquire` has resolved. The worker renders the body, then calls `slot.waitForPermit()`.
 *   READY      In line by arrival. Moves on when a permit is free, a rate token is left and the lease outlasts the
 *              longest possible call.
 *   CALLING    `waitForPermit()` has resolved true. The worker claims the row and makes the HTTP call, which occupies
 *              a permit.
 *   RELEASED   `slot.release()` was called, in any state after WAITING. Frees the permit if it occupied one.
 *
 * `close`, at shutdown, resolves `acquire` of WAITING requests with undefined and `waitForPermit()` of READY ones
 * with false. Calls in flight continue.
 */

import type { AcquireSlot, Slot } from '../domain/jobs/slot.ts';
import type { MonotonicClock } from '../kit/clock.ts';

export interface SlotScheduler {
  acquire: AcquireSlot;
  /** Calls in flight, calls that would be in flight with unlimited permits, and how many of those lack a rate token. */
  demand(): { inFlight: number; wanted: number; tokensNeeded: number };
  /** Transitions of requests from one state to the next so far, and requests that are WAITING or READY. */
  progress(): { steps: number; waiting: number };
  /** Sets the number of permits. No call starts after `until`, on the scheduler's clock. */
  setPermits(count: number, until: number): void;
  /** Adds rate tokens, valid until `until` on the scheduler's clock; Infinity without a per-second limit. */
  addRateTokens(count: number, until: number): void;
  close(): void;
}

interface SlotSchedulerEvents {
  /** More calls could be in flight than permits or rate tokens allow. */
  onShortage(): void;
  /** More permits are held than calls could use. */
  onSurplus(): void;
}

/** Makes a scheduler without permits. It knows nothing of Redis. */
export function makeSlotScheduler(
  clock: MonotonicClock,
  { onShortage, onSurplus }: SlotSchedulerEvents,
): SlotScheduler {
  const waiting: { priority: number; resolve: (slot: Slot | undefined) => void }[] = [];
  const ready: ((mayCall: boolean) => void)[] = [];
  const prepareMs = makeMovingAverage();
  const callMs = makeMovingAverage();
  /** PREPARING and READY. */
  let preparing = 0;
  /** CALLING. */
  let inFlight = 0;
  let permits = 0;
  let permitsUntil = 0;
  /** How often permits of calls in flight were lost: the lease ran out, and another process got them. */
  let losses = 0;
  let rateTokens = Infinity;
  let rateTokensUntil = Infinity;
  let closed = false;
  let steps = 0;

  const tokensLeft = () => (clock() <= rateTokensUntil ? rateTokens : 0);

  /** How many slots to prepare beyond the permits: by Little's law, the calls that start while one slot is prepared. */
  const lookahead = () =>
    Math.min(permits, 1 + Math.ceil((3 * permits * prepareMs.value()) / Math.max(1, callMs.value())));

  const advance = () => {
    const maxCalling = clock() <= permitsUntil ? permits : 0;
    while (inFlight < maxCalling && tokensLeft() > 0 && ready.length > 0) {
      preparing -= 1;
      inFlight += 1;
      rateTokens -= 1;
      steps += 1;
      ready.shift()?.(true);
    }
    // A prepared job has claimed its customer, so it must not have to wait for the next second.
    while (waiting.length > 0 && inFlight + preparing < permits + lookahead() && preparing < tokensLeft()) {
      preparing += 1;
      steps += 1;
      const next = waiting.shift();
      const slot = makeSlot();
      // After the calls that start now: preparing a job takes longer than sending one.
      setImmediate(() => next?.resolve(slot));
    }
    if (waiting.length + ready.length > 0 && (inFlight >= permits || tokensLeft() === 0)) onShortage();
    if (waiting.length + preparing === 0 && inFlight < permits) onSurplus();
  };

  const makeSlot = (): Slot => {
    let state: 'preparing' | 'calling' | 'released' = 'preparing';
    let since = clock();
    let lossesBefore = losses;
    return {
      async waitForPermit() {
        prepareMs.add(clock() - since);
        if (closed) return false;
        const mayCall = await new Promise<boolean>((resolve) => {
          ready.push((isGranted) => {
            // In the moment of the grant: the promise continues later.
            lossesBefore = losses;
            resolve(isGranted);
          });
          advance();
        });
        if (mayCall) state = 'calling';
        since = clock();
        return mayCall;
      },
      isCurrent: () => state === 'calling' && losses === lossesBefore && clock() <= permitsUntil,
      release({ wasUsed } = { wasUsed: true }) {
        if (state === 'calling') {
          inFlight -= 1;
          if (wasUsed) callMs.add(clock() - since);
          else rateTokens += 1;
        } else if (state === 'preparing') preparing -= 1;
        state = 'released';
        steps += 1;
        advance();
      },
    };
  };

  return {
    acquire: (priority) =>
      closed
        ? Promise.resolve(undefined)
        : new Promise((resolve) => {
            const lessUrgent = waiting.findIndex((other) => other.priority > priority);
            waiting.splice(lessUrgent < 0 ? waiting.length : lessUrgent, 0, { priority, resolve });
            advance();
          }),
    demand: () => ({
      inFlight,
      wanted: inFlight + preparing + waiting.length,
      tokensNeeded: Math.max(0, preparing + waiting.length - tokensLeft()),
    }),
    progress: () => ({ steps, waiting: waiting.length + ready.length }),
    setPermits(count, until) {
      // While the lease lasts, a renewal keeps at least the permits of the calls in flight.
      if (count < inFlight) losses += 1;
      permits = count;
      permitsUntil = until;
      advance();
    },
    addRateTokens(count, until) {
      rateTokens = (Number.isFinite(rateTokens) ? tokensLeft() : 0) + count;
      rateTokensUntil = until;
      advance();
    },
    close() {
      closed = true;
      for (const { resolve } of waiting.splice(0)) resolve(undefined);
      for (const resolve of ready.splice(0)) resolve(false);
    },
  };
}

/** Weight of a new value in {@link makeMovingAverage}. */
const WEIGHT = 0.1;

/** Exponential moving average; 0 before the first value. */
function makeMovingAverage() {
  let average: number | undefined;
  return {
    add(value: number) {
      average = average === undefined ? value : average + WEIGHT * (value - average);
    },
    value: () => average ?? 0,
  };
}
