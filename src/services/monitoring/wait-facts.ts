/** Reads the facts from which the reasons for waiting follow. All come from Redis; reading changes nothing. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { hasStopped, progressOf } from '../../domain/campaigns/finish.ts';
import type { FailureCode } from '../../domain/failures/failure.ts';
import type { Heartbeat, ProcessRole } from '../../domain/monitoring/heartbeat.ts';
import { hasWorkLeft } from '../../domain/monitoring/wait-reason.ts';
import type { DueRun } from '../../domain/schedules/schedule.ts';
import type { BloomreachPause } from '../../ledger/write-back/bloomreach-pause.ts';
import type { DelayedJob } from '../../queue/pass-queue-stats.ts';
import type { Stores } from '../stores.ts';
import { isThroughputSampled } from './throughput-samples.ts';

export interface WaitFacts {
  /** Milliseconds since 1970. */
  now: number;
  /** The campaigns that were asked about and have something left to do. */
  campaigns: readonly Campaign[];
  /** All campaigns that have not ended. */
  open: readonly Campaign[];
  /** Jobs in the queue, in any state. */
  queued: number;
  /** Results that wait for Bloomreach. */
  unsaved: number;
  /** When a call to Passmachine last succeeded, by the heartbeats. */
  lastSuccessAt: number | undefined;
  /** Ids of the campaigns of which no job has ended lately, although they are running. */
  stopped: ReadonlySet<string>;
  alive: readonly Heartbeat[];
  /** Worker processes: one that has just started is known by its connection, one on another node by its heartbeat. */
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
  | 'campaigns'
  | 'outbox'
  | 'throughput'
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

/** `campaigns`: those to explain; by default the open ones. */
export async function readWaitFacts(
  stores: WaitStores,
  campaigns: readonly Campaign[] | undefined,
  now: number,
): Promise<WaitFacts> {
  const { heartbeats, passQueue, campaignQueue, bloomreachPauses, importBatches, schedules, outbox } = stores;
  const [
    open,
    alive,
    connectedWorkers,
    connectedFeeders,
    gateMs,
    gateCause,
    { waiting, active, delayed },
    firstDelayed,
    { waiting: unsaved },
    bloomreachPause,
    openImports,
    dueRuns,
  ] = await Promise.all([
    stores.campaigns.listOpen(),
    heartbeats.alive(),
    passQueue.workers(),
    campaignQueue.feeders(),
    passQueue.gateMs(),
    passQueue.gateCause(),
    passQueue.depth(),
    passQueue.nextDelayed(DELAYED_SAMPLE),
    outbox.depth(),
    bloomreachPauses.current(),
    importBatches.openCount(),
    schedules.dueRuns(),
  ]);
  const asked = (campaigns ?? open).filter((campaign) => hasWorkLeft(campaign, campaign.source.kind));
  const count = (role: ProcessRole) =>
    alive.filter(({ roles, quiet }) => roles.includes(role) && quiet !== true).length;
  return {
    now,
    campaigns: asked,
    open,
    queued: waiting + active + delayed,
    unsaved,
    lastSuccessAt: lastSuccessOf(alive),
    stopped: await findStopped(stores, asked, now),
    alive,
    workers: Math.max(connectedWorkers, count('worker')),
    feeders: Math.max(connectedFeeders, count('feeder')),
    gateMs,
    gateCause,
    isCalling: waiting + active > 0,
    delayed: firstDelayed,
    limitedUntil: await findLimited(stores, firstDelayed, now),
    bloomreachPause,
    openImports,
    dueRuns,
  };
}

/** Returns when a call to Passmachine last succeeded, ms since 1970; undefined if none has. */
export function lastSuccessOf(alive: readonly Heartbeat[]): number | undefined {
  const times = alive.flatMap(({ upstreams: { passmachine } }) => passmachine.lastSuccessAt ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

async function findStopped(
  { throughput }: WaitStores,
  campaigns: readonly Campaign[],
  now: number,
): Promise<Set<string>> {
  const running = campaigns.filter(isThroughputSampled);
  if (running.length === 0) return new Set();
  const samples = await throughput.read(running.map(({ id }) => id));
  const stopped = running.filter((one) => hasStopped([...(samples.get(one.id) ?? []), progressOf(one, now)]));
  return new Set(stopped.map(({ id }) => id));
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
