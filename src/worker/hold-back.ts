/** What keeps a job that may be sent from being sent now: it is too late, people sleep, its card rang enough. */

import type { RingLimit } from '../domain/campaigns/guards.ts';
import type { SkipReason } from '../domain/jobs/outcome.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import { quietFor } from '../domain/campaigns/quiet-hours.ts';

export type HoldBack =
  | { kind: 'skip'; reason: SkipReason }
  | { kind: 'wait'; why: 'quiet-hours' | 'rung-enough'; delayMs: number }
  /** It may be sent, if it does not ring. */
  | { kind: 'silent' };

/** When a card may ring again, ms; 0 for now. */
export type RingWait = (job: PassJob, limit: RingLimit, now: number) => Promise<number>;

/** Undefined where nothing does. Asks for rings only while the job is claimed. */
export async function holdBack(job: PassJob, now: number, ringWait: RingWait): Promise<HoldBack | undefined> {
  if (isLate(job, now)) return { kind: 'skip', reason: 'too-late' };
  const { quietHours, rings } = job;
  const quietMs = quietHours === undefined ? 0 : quietFor(quietHours, now);
  if (quietMs > 0) {
    return quietHours?.inThem === 'drop'
      ? { kind: 'skip', reason: 'quiet-hours' }
      : waitOrSkip(job, 'quiet-hours', now, quietMs);
  }
  const ringMs = rings === undefined ? 0 : await ringWait(job, rings, now);
  if (ringMs === 0) return undefined;
  switch (rings?.beyond) {
    case 'silent':
      return { kind: 'silent' };
    case 'hold':
      return waitOrSkip(job, 'rung-enough', now, ringMs);
    case 'skip':
    case undefined:
      return { kind: 'skip', reason: 'rung-enough' };
  }
}

/** Whether it would not be worth sending at that time. */
export function isLate({ useBy }: PassJob, at: number): boolean {
  return useBy !== undefined && at >= useBy;
}

function waitOrSkip(
  job: PassJob,
  why: 'quiet-hours' | 'rung-enough',
  now: number,
  delayMs: number,
): HoldBack {
  return isLate(job, now + delayMs) ? { kind: 'skip', reason: 'too-late' } : { kind: 'wait', why, delayMs };
}
