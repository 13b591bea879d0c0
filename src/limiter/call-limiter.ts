/**
 * Limits the calls to Passmachine over all processes: at most `maxInFlight` at the same time and, if configured,
 * at most `maxPerSecond` started per second.
 *
 * Redis divides both limits among the processes (see `permits.ts`). A process holds permits under a lease and never
 * has more calls in flight than permits, so a single call need not ask Redis. With a per-second limit, each call also
 * uses a rate token, which expires at the end of the current second. `slot-scheduler.ts` decides which job of this
 * process calls next.
 */

import type { AcquireSlot } from '../domain/jobs/slot.ts';
import { type MonotonicClock, sleep } from '../kit/clock.ts';
import { type Logger, makeLogThrottle } from '../kit/logger.ts';
import type { Permits } from './permits.ts';
import { makeSlotScheduler } from './slot-scheduler.ts';

export interface CallLimiter {
  acquire: AcquireSlot;
  /**
   * Returns the transitions of requests from one state to the next so far, how many requests wait, and whether the last
   * renewal of permits failed: then Redis is what they wait for.
   */
  progress(): { steps: number; waiting: number; isRenewalFailing: boolean };
  /** Turns away all requests whose call has not started. Permits are kept for the calls in flight. */
  close(): void;
  /** Releases the permits. Must be called only after all slots are released. */
  stop(): Promise<void>;
}

interface CallLimiterOptions {
  permits: Permits;
  /** The configured cap on calls in flight, over all processes. */
  maxInFlight: number;
  /** Longest possible duration of a call, ms. No call starts that could outlast the lease. */
  callTimeoutMs: number;
  clock: MonotonicClock;
  log: Logger;
}

/** Interval of lease renewals, in which processes also learn of each other's demand. */
const RENEW_MS = 250;
/** The same for a process that neither holds nor wants a permit: the next job renews at once. */
const IDLE_RENEW_MS = 2000;
/** Poll interval while other processes still hold permits due to us. */
const POLL_MS = 40;
/** Minimum pause between two renewals, however many jobs arrive. */
const MIN_PAUSE_MS = 5;

export function startCallLimiter(options: CallLimiterOptions): CallLimiter {
  const { permits, maxInFlight, callTimeoutMs, clock, log } = options;
  const stopping = new AbortController();
  let pause = new AbortController();
  let held = 0;
  let heldUntil = 0;
  /** Permits wanted at the last renewal. */
  let requested = 0;
  /** When new rate tokens can be had; 0 while some may be left. */
  let nextTokensAt = 0;
  let othersWaiting = false;

  let isRenewalFailing = false;

  const renewNow = () => pause.abort();
  const onShortage = () => {
    const { wanted, tokensNeeded } = slots.demand();
    const needsPermits = held < maxInFlight && Math.min(maxInFlight, wanted) > requested;
    if (needsPermits || (tokensNeeded > 0 && clock() >= nextTokensAt)) renewNow();
  };
  const onSurplus = () => {
    if (othersWaiting) renewNow();
  };
  const slots = makeSlotScheduler(clock, { onShortage, onSurplus });

  /** Renews the lease and adjusts the number of permits. Returns the pause until the next renewal, ms. */
  const renew = async (): Promise<number> => {
    const { inFlight, tokensNeeded, ...demand } = slots.demand();
    const wanted = Math.min(maxInFlight, demand.wanted);
    // Unused permits go back one per renewal, because the next job is often close; at once if others wait for them.
    const target = othersWaiting ? wanted : Math.max(wanted, held - 1);
    const keep = Math.max(inFlight, Math.min(held, target));
    const renewedAt = clock();
    requested = wanted;
    held = Math.min(held, keep);
    slots.setPermits(held, heldUntil);
    const grant = await permits.renew({ keep, inFlight, wanted, tokensNeeded });
    isRenewalFailing = false;
    const { rateTokens = Infinity, tokensForMs = Infinity } = grant;
    nextTokensAt = rateTokens === 0 ? renewedAt + tokensForMs : 0;
    // Before the permits, which may start calls at once.
    slots.addRateTokens(rateTokens, renewedAt + tokensForMs);
    held = grant.permits;
    othersWaiting = grant.othersWaiting;
    heldUntil = renewedAt + permits.leaseMs - callTimeoutMs;
    slots.setPermits(held, heldUntil);
    const pauseMs = held < grant.due ? POLL_MS : held + wanted === 0 ? IDLE_RENEW_MS : RENEW_MS;
    return rateTokens === 0 && tokensNeeded > 0 ? Math.min(pauseMs, tokensForMs + 1) : pauseMs;
  };

  const isDue = makeLogThrottle();
  const run = async () => {
    while (!stopping.signal.aborted) {
      pause = new AbortController();
      const pauseMs = await renew().catch((error: unknown) => {
        isRenewalFailing = true;
        if (isDue(error)) log.warn({ event: 'permits.renewal-failed', err: error });
        return RENEW_MS;
      });
      await sleep(MIN_PAUSE_MS);
      await sleep(pauseMs, pause.signal);
    }
  };

  const running = run();
  return {
    acquire: slots.acquire,
    progress: () => ({ ...slots.progress(), isRenewalFailing }),
    close: slots.close,
    async stop() {
      stopping.abort();
      pause.abort();
      await running;
      // Permits that cannot be released are free once the lease expires.
      await permits
        .release()
        .catch((error: unknown) => log.warn({ event: 'permits.release-failed', err: error }));
    },
  };
}
