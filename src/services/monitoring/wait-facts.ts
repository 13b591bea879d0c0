/** Reads the facts from which the reasons for waiting follow. All come from Redis; reading changes nothing. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { FailureCode } from '../../domain/failures/failure.ts';
import type { Heartbeat } from '../../domain/monitoring/heartbeat.ts';
import type { DueRun } from '../../domain/schedules/schedule.ts';
import type { BloomreachPause } from '../../ledger/write-back/bloomreach-pause.ts';
import type { DelayedJob } from '../../queue/pass-queue-stats.ts';
import type { Stores } from '../stores.ts';

export interface WaitFacts {
  /** Milliseconds since 1970. */
  now: number;
  /** The campaigns with something left to do. */
  campaigns: readonly Campaign[];
  alive: readonly Heartbeat[];
  /** Worker processes of the queue. */
  workers: number;
  /** Feeder processes. */
  feeders: number;
  gateMs: number;
  gateCause: FailureCode | undefined;
  /** Whether a job could start now, or its call is in flight. */
  isCalling: boolean;
  /** The first jobs that wait for a time, the first due first. */
  delayed: readonly DelayedJob[];
  /** When (ms) the first card over its notification limit may be notified again, by campaign. */
  limitedUntil: ReadonlyMap<string, number>;
  bloomreachPause: BloomreachPause | undefined;
  /** Import batches that Bloomreach has not fetched. */
  openImports: number;
  dueRuns: readonly DueRun[];
}

export type WaitStores = Pick<
  Stores,
  | 'redis'
  | 'heartbeats'
  | 'passQueue'
  | 'campaignQueue'
  | 'bloomreachPauses'
  | 'importBatches'
  | 'notificationLimits'
  | 'schedules'
>;

/** Enough for a campaign that only waits; a thousand delayed jobs of other campaigns may hide those of one. */
const DELAYED_SAMPLE = 50;

export async function readWaitFacts(
  stores: WaitStores,
  campaigns: readonly Campaign[],
  now: number,
): Promise<WaitFacts> {
  const { heartbeats, passQueue, campaignQueue, bloomreachPauses, importBatches, schedules } = stores;
  const [
    alive,
    workers,
    feeders,
    gateMs,
    gateCause,
    { waiting, active },
    delayed,
    bloomreachPause,
    openImports,
    dueRuns,
  ] = await Promise.all([
    heartbeats.alive(),
    passQueue.workers(),
    campaignQueue.feeders(),
    passQueue.gateMs(),
    passQueue.gateCause(),
    passQueue.depth(),
    passQueue.nextDelayed(DELAYED_SAMPLE),
    bloomreachPauses.current(),
    importBatches.openCount(),
    schedules.dueRuns(),
  ]);
  return {
    now,
    campaigns,
    alive,
    workers,
    feeders,
    gateMs,
    gateCause,
    isCalling: waiting + active > 0,
    delayed,
    limitedUntil: await findLimited(stores, delayed, now),
    bloomreachPause,
    openImports,
    dueRuns,
  };
}

async function findLimited(
  { notificationLimits }: WaitStores,
  delayed: readonly DelayedJob[],
  now: number,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const checks = delayed.map(async ({ job }) => {
    const { campaign, notificationLimit } = job;
    if (notificationLimit?.overLimit !== 'hold') return;
    const ms = await notificationLimits.waitFor(job, notificationLimit, now);
    if (ms > 0) found.set(campaign, Math.min(now + ms, found.get(campaign) ?? Infinity));
  });
  await Promise.all(checks);
  return found;
}
