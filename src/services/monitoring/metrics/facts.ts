/**
 * Brings the metrics up to date that tell what Redis knows, with commands whose cost does not depend on
 * how many jobs or customers there are.
 */

import type { Gauge } from 'prom-client';
import type { Campaign, CampaignStatus } from '../../../domain/campaigns/campaign.ts';
import { finalStates } from '../../../domain/jobs/outcome.ts';
import {
  type BreakerState,
  type ProcessPart,
  type Heartbeat,
  upstreams,
} from '../../../domain/monitoring/heartbeat.ts';
import type { ProgramsFile } from '../../../programs/file/programs.ts';
import { redisMemory } from '../../../kit/redis/redis-check.ts';
import { waitsForOperator } from '../alerts/alerts.ts';
import { NEWEST_CAMPAIGNS } from '../throughput-samples.ts';
import { queueDepth } from '../queue-depth.ts';
import { askingSchedules } from '../../schedules/undecided.ts';
import type { Stores } from '../../stores.ts';
import { soonestToken } from '../process-stats.ts';
import { listVouchers } from '../../programs/vouchers.ts';
import { NAMED_CAMPAIGNS, type SharedMetrics } from './metrics.ts';

const parts: readonly ProcessPart[] = ['worker', 'feeder', 'web'];
const breakerStates: readonly BreakerState['state'][] = ['closed', 'open', 'probing'];
const statuses: readonly CampaignStatus[] = ['running', 'held', 'paused', 'stopped', 'finished'];
const rowStates = [...finalStates, 'stopped', 'pending'] as const;

export type Facts = Awaited<ReturnType<typeof readFacts>>;

/** All at once, over one connection. `now`: ms since 1970. */
export async function readFacts(stores: Stores, file: ProgramsFile, now: number) {
  const { passQueue, passLimits, campaignQueue, outbox, importBatches, heartbeats } = stores;
  const [
    limits,
    depth,
    busy,
    gateMs,
    feederWork,
    home,
    oldestSaveAt,
    imports,
    living,
    campaigns,
    asking,
    memory,
    vouchers,
  ] = await Promise.all([
    passLimits.inForce(),
    queueDepth(stores),
    stores.permits.busy(),
    passQueue.gateMs(),
    campaignQueue.pending(),
    outbox.depth(),
    outbox.oldestAt(),
    importBatches.waiting(),
    heartbeats.living(),
    stores.campaigns.list(NEWEST_CAMPAIGNS),
    askingSchedules(stores, file),
    redisMemory(stores.redis, stores.prefix),
    listVouchers(stores, file),
  ]);
  const age = (at: number | undefined) => (at === undefined ? 0 : Math.max(0, now - at) / 1000);
  return {
    limits,
    depth: depth.jobs,
    busy,
    oldestJobSeconds: age(depth.oldestAt),
    gateSeconds: gateMs / 1000,
    feederWork,
    writebacks: { waiting: home.waiting, oldestSeconds: age(oldestSaveAt), imports },
    living,
    campaigns,
    schedulesAsking: asking.size,
    memory,
    vouchers,
  };
}

export function tellFacts(metrics: SharedMetrics, facts: Facts): void {
  const { limits, depth, writebacks, memory } = facts;
  tell(metrics.slotsBusy, facts.busy);
  tell(metrics.slotsLimit, limits.maxInFlight.limit);
  tell(metrics.perSecondLimit, limits.maxPerSecond.limit);
  for (const [state, count] of Object.entries(depth)) metrics.queueJobs.set({ state }, count);
  tell(metrics.queueOldest, facts.oldestJobSeconds);
  tell(metrics.gate, facts.gateSeconds);
  tell(metrics.feederWork, facts.feederWork);
  tell(metrics.writebackWaiting, writebacks.waiting);
  tell(metrics.writebackOldest, writebacks.oldestSeconds);
  tell(metrics.importsWaiting, writebacks.imports);
  tell(metrics.schedulesAsking, facts.schedulesAsking);
  tell(metrics.memoryUsed, memory.used);
  tell(metrics.memoryLimit, memory.most);
  metrics.vouchersLeft.reset();
  for (const { pool, left } of facts.vouchers) metrics.vouchersLeft.set({ pool }, left);
  tellLiving(metrics, facts.living);
  tellCampaigns(metrics, facts.campaigns);
}

function tellLiving(metrics: SharedMetrics, living: readonly Heartbeat[]): void {
  for (const part of parts) {
    metrics.processes.set({ part }, living.filter((heartbeat) => heartbeat.parts.includes(part)).length);
  }
  for (const state of breakerStates) {
    metrics.breakers.set({ state }, living.filter(({ breaker }) => breaker?.state === state).length);
  }
  for (const upstream of upstreams) {
    const failed = living.map((heartbeat) => heartbeat.upstreams[upstream].failuresInARow);
    metrics.failuresInARow.set({ upstream }, sum(failed));
  }
  tell(metrics.programsRefused, living.filter(({ refusedFile }) => refusedFile !== undefined).length);
  const token = soonestToken(living);
  // That there was none to be had is an outage.
  tell(metrics.tokenRefused, token && (token.refused?.code === 'PM_TOKEN_REJECTED' ? 1 : 0));
  metrics.tokenLeft.reset();
  if (token?.leftMs !== undefined)
    metrics.tokenLeft.set({ renews: String(token.renews) }, token.leftMs / 1000);
}

function tellCampaigns(metrics: SharedMetrics, campaigns: readonly Campaign[]): void {
  for (const status of statuses) {
    metrics.campaigns.set({ status }, campaigns.filter((one) => one.status === status).length);
  }
  tell(metrics.campaignsHalted, campaigns.filter(waitsForOperator).length);
  for (const state of rowStates) metrics.rows.set({ state }, sum(campaigns.map((one) => one[state])));

  metrics.campaignProgress.reset();
  metrics.campaignRows.reset();
  for (const one of campaigns.filter(isNamed).slice(0, NAMED_CAMPAIGNS)) {
    const { id, program, action, rows, pending, stopped, expected } = one;
    for (const state of rowStates) metrics.campaignRows.set({ campaign: id, state }, one[state]);
    if (expected === undefined) continue;
    const ended = rows === 0 ? 1 : (rows - pending - stopped) / rows;
    metrics.campaignProgress.set({ campaign: id, program, action }, ended);
  }
}

function isNamed({ source, status }: Campaign): boolean {
  return source.kind === 'file' && (status === 'running' || status === 'held' || status === 'paused');
}

/** One without labels; absent where nobody knows. */
function tell(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
