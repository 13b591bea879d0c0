/** Reads the state in Redis and sets its gauges. The cost does not depend on the number of jobs or customers. */

import type { Gauge } from 'prom-client';
import type { Campaign, CampaignStatus } from '../../../domain/campaigns/campaign.ts';
import { finalStates } from '../../../domain/jobs/outcome.ts';
import {
  type BreakerState,
  type Heartbeat,
  type ProcessRole,
  upstreams,
} from '../../../domain/monitoring/heartbeat.ts';
import { redisMemory } from '../../../kit/redis/servers.ts';
import type { ProgramsFile } from '../../../programs/file/programs.ts';
import { listVouchers } from '../../programs/vouchers.ts';
import { undecidedSchedules } from '../../schedules/schedule-status.ts';
import type { Stores } from '../../stores.ts';
import { isUnreadable, waitsForOperator } from '../alerts/alerts.ts';
import { mostUrgentToken } from '../process-stats.ts';
import { readQueueDepth } from '../queue-depth.ts';
import { MAX_ENDED_CAMPAIGNS, MAX_NAMED_CAMPAIGNS, type SharedMetrics } from './metrics.ts';

const roles: readonly ProcessRole[] = ['worker', 'feeder', 'web'];
const breakerStates: readonly BreakerState['state'][] = ['closed', 'open', 'probing'];
const statuses: readonly CampaignStatus[] = ['planned', 'running', 'held', 'paused', 'stopped', 'finished'];
const rowStates = [...finalStates, 'stopped', 'pending'] as const;

export type RedisState = Awaited<ReturnType<typeof readRedisState>>;

/** Reads everything concurrently over one connection. `now`: ms since 1970. */
export async function readRedisState(stores: Stores, file: ProgramsFile, now: number) {
  const { passQueue, passLimits, campaignQueue, outbox, importBatches, heartbeats, bloomreachPauses } =
    stores;
  const [
    limits,
    depth,
    callsInFlight,
    gateMs,
    feederTasks,
    writebackDepth,
    oldestWritebackAt,
    imports,
    writebackPause,
    alive,
    campaigns,
    undecided,
    memory,
    vouchers,
    restored,
    secondCards,
  ] = await Promise.all([
    passLimits.effective(),
    readQueueDepth(stores),
    stores.permits.inFlight(),
    passQueue.gateMs(),
    campaignQueue.pending(),
    outbox.depth(),
    outbox.oldestAt(),
    importBatches.openCount(),
    bloomreachPauses.current(),
    heartbeats.alive(),
    readCampaigns(stores),
    undecidedSchedules(stores, file),
    redisMemory(stores.redis, stores.prefix),
    listVouchers(stores, file),
    stores.storeNotice.find(),
    stores.failures.secondCards(),
  ]);
  const ageSeconds = (at: number | undefined) => (at === undefined ? 0 : Math.max(0, now - at) / 1000);
  return {
    limits,
    queue: depth.jobs,
    oldestJobSeconds: ageSeconds(depth.oldestAt),
    callsInFlight,
    gateSeconds: gateMs / 1000,
    feederTasks,
    writebacks: {
      pending: writebackDepth.waiting,
      oldestSeconds: ageSeconds(oldestWritebackAt),
      imports,
      pausedSeconds: (writebackPause?.leftMs ?? 0) / 1000,
    },
    alive,
    campaigns,
    undecidedSchedules: undecided.size,
    memory,
    vouchers,
    isRestored: restored !== undefined,
    secondCards: sum(secondCards.map(({ count }) => count)),
  };
}

async function readCampaigns({ campaigns }: Pick<Stores, 'campaigns'>): Promise<Campaign[]> {
  const [open, ended] = await Promise.all([
    campaigns.listOpen(),
    campaigns.listEnded(0, MAX_ENDED_CAMPAIGNS),
  ]);
  const openIds = new Set(open.map(({ id }) => id));
  return [...open, ...ended.filter(({ id }) => !openIds.has(id))];
}

export function setGauges(metrics: SharedMetrics, state: RedisState): void {
  const { limits, queue, writebacks, memory } = state;
  set(metrics.slotsBusy, state.callsInFlight);
  set(metrics.slotsLimit, limits.maxInFlight.limit);
  set(metrics.perSecondLimit, limits.maxPerSecond.limit);
  for (const [name, count] of Object.entries(queue)) metrics.queueJobs.set({ state: name }, count);
  set(metrics.queueOldest, state.oldestJobSeconds);
  set(metrics.callsPaused, state.gateSeconds);
  set(metrics.feederTasks, state.feederTasks);
  set(metrics.writebackPending, writebacks.pending);
  set(metrics.writebackOldest, writebacks.oldestSeconds);
  set(metrics.importsPending, writebacks.imports);
  set(metrics.writebackPaused, writebacks.pausedSeconds);
  set(metrics.undecidedSchedules, state.undecidedSchedules);
  set(metrics.storeRestored, state.isRestored ? 1 : 0);
  set(metrics.secondCards, state.secondCards);
  set(metrics.memoryUsed, memory.used);
  set(metrics.memoryLimit, memory.limit);
  metrics.vouchersLeft.reset();
  for (const { pool, left } of state.vouchers) metrics.vouchersLeft.set({ pool }, left);
  setProcessGauges(metrics, state.alive);
  setCampaignGauges(metrics, state.campaigns);
}

function setProcessGauges(metrics: SharedMetrics, alive: readonly Heartbeat[]): void {
  for (const role of roles) {
    const running = alive.filter((heartbeat) => heartbeat.roles.includes(role));
    metrics.processes.set({ role }, running.length);
    metrics.quietProcesses.set({ role }, running.filter(({ quiet }) => quiet === true).length);
  }
  for (const state of breakerStates) {
    metrics.breakers.set({ state }, alive.filter(({ breaker }) => breaker?.state === state).length);
  }
  for (const upstream of upstreams) {
    const failures = alive.map((heartbeat) => heartbeat.upstreams[upstream].consecutiveFailures);
    metrics.consecutiveFailures.set({ upstream }, sum(failures));
  }
  set(metrics.programsFileInvalid, alive.filter(({ invalidFile }) => invalidFile !== undefined).length);
  set(metrics.settingsOutdated, alive.filter(({ settings }) => settings?.changed !== undefined).length);
  const token = mostUrgentToken(alive);
  // A token that could not be obtained because Passmachine is down must not count as a rejection.
  set(metrics.tokenRejected, token && (token.refused?.code === 'PM_TOKEN_REJECTED' ? 1 : 0));
  metrics.tokenExpiresIn.reset();
  if (token?.leftMs !== undefined) {
    metrics.tokenExpiresIn.set({ auto_renew: String(token.renews) }, token.leftMs / 1000);
  }
}

function setCampaignGauges(metrics: SharedMetrics, campaigns: readonly Campaign[]): void {
  for (const status of statuses) {
    metrics.campaigns.set({ status }, campaigns.filter((one) => one.status === status).length);
  }
  set(metrics.campaignsAwaitingOperator, campaigns.filter(waitsForOperator).length);
  set(metrics.campaignsUnreadable, campaigns.filter(isUnreadable).length);
  for (const state of rowStates) metrics.rows.set({ state }, sum(campaigns.map((one) => one[state])));

  metrics.campaignProgress.reset();
  metrics.campaignRows.reset();
  for (const one of campaigns.filter(isNamed).slice(0, MAX_NAMED_CAMPAIGNS)) {
    const { id, program, action, rows, pending, stopped, expected } = one;
    for (const state of rowStates) metrics.campaignRows.set({ campaign: id, state }, one[state]);
    if (expected === undefined) continue;
    const progress = rows === 0 ? 1 : (rows - pending - stopped) / rows;
    metrics.campaignProgress.set({ campaign: id, program, action }, progress);
  }
}

function isNamed({ source, status }: Campaign): boolean {
  return source.kind === 'file' && (status === 'running' || status === 'held' || status === 'paused');
}

/** Sets an unlabeled gauge, or removes its value if it is unknown. */
function set(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
