/**
 * Notices a worker that makes no calls although jobs wait and nothing holds them back. No such state is known; a defect
 * that causes one would otherwise show in no probe. Restarting the worker loses nothing, because no call is in flight.
 */

import type { StalledCalls } from '../../domain/monitoring/heartbeat.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import { startPeriodic } from '../../kit/periodic.ts';
import type { CallLimiter } from '../../limiter/call-limiter.ts';
import type { Stores } from '../stores.ts';

interface WatchdogOptions {
  limiter: Pick<CallLimiter, 'progress'>;
  stores: Pick<Stores, 'passQueue' | 'passLimits' | 'permits'>;
  /** Whether an outage of Passmachine holds calls back. */
  isBreakerOpen: () => boolean;
  /** Receives the result of every check: for how many seconds there has been no progress, 0 if there is some. */
  onChecked: (stalledSeconds: number) => void;
  clock: Clock;
  log: Logger;
}

export interface CallWatchdog extends Part {
  /** Returns undefined unless calls are stalled. */
  stalled(): StalledCalls | undefined;
}

const CHECK_EVERY_MS = 5000;
/** Longer than any call and its retries of Redis commands. */
const STALLED_AFTER_MS = 30_000;

export function startCallWatchdog(options: WatchdogOptions): CallWatchdog {
  const { limiter, stores, isBreakerOpen, onChecked, clock, log } = options;
  /** Checks in a row without progress. Not measured by a clock: a suspended process is not stalled. */
  let checks = 0;
  let lastSteps = -1;
  let stalled: StalledCalls | undefined;

  /** Returns how many jobs wait for a call that could be made now. */
  const jobsHeldByNothing = async (waiting: number): Promise<number> => {
    const [gateMs, inFlight, { maxInFlight, maxPerSecond }, { waiting: queued }] = await Promise.all([
      stores.passQueue.gateMs(),
      stores.permits.inFlight(),
      stores.passLimits.effective(),
      stores.passQueue.depth(),
    ]);
    // With a per-second limit, other processes may use all of it for a while.
    const cap = maxPerSecond.limit === undefined ? (maxInFlight.limit ?? 0) : 1;
    return gateMs > 0 || inFlight >= cap ? 0 : waiting + queued;
  };

  const work = async () => {
    const { steps, waiting, isRenewalFailing } = limiter.progress();
    const isExplained = steps !== lastSteps || isRenewalFailing || isBreakerOpen();
    lastSteps = steps;
    const jobs = isExplained ? 0 : await jobsHeldByNothing(waiting);
    checks = jobs === 0 ? 0 : checks + 1;
    const stalledMs = checks * CHECK_EVERY_MS;
    onChecked(stalledMs / 1000);
    const wasStalled = stalled !== undefined;
    stalled =
      stalledMs < STALLED_AFTER_MS
        ? undefined
        : { since: stalled?.since ?? clock() - stalledMs, text: sentence(stalledMs, jobs) };
    if (stalled !== undefined && !wasStalled) log.error({ event: 'calls.stalled', jobs }, stalled.text);
    if (stalled === undefined && wasStalled) log.info({ event: 'calls.resumed' });
  };

  const checking = startPeriodic({ name: 'call watchdog', everyMs: CHECK_EVERY_MS, work, log });
  return { ...checking, stalled: () => stalled };
}

function sentence(stalledMs: number, jobs: number): string {
  const waiting = jobs === 1 ? '1 job waits' : `${jobs} jobs wait`;
  return `no call to Passmachine has started for ${stalledMs / 1000} s although ${waiting} and slots are free`;
}
