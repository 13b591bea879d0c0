/**
 * Reads the state of the whole installation for the dashboard, the API and the CLI. All of it comes from
 * Redis, so every process reports the same. Reading takes a few milliseconds and changes nothing.
 */

import type { Heartbeat, ProcessRole } from '../../../domain/monitoring/heartbeat.ts';
import type { Overview, ProcessInfo } from '../../../domain/monitoring/overview.ts';
import type { Clock } from '../../../kit/clock.ts';
import { redisShortage } from '../../../kit/redis/check.ts';
import { redisMemory } from '../../../kit/redis/servers.ts';
import type { ProgramsFile } from '../../../programs/file/programs.ts';
import { listVouchers } from '../../programs/vouchers.ts';
import { undecidedSchedules } from '../../schedules/schedule-status.ts';
import type { Stores } from '../../stores.ts';
import { findAlerts } from '../alerts/alerts.ts';
import { invalidFileOf, stalledWorkers } from '../blockers.ts';
import { outdatedProcesses } from '../outdated-settings.ts';
import { mostUrgentToken } from '../process-stats.ts';
import { readQueueDepth } from '../queue-depth.ts';
import { judge } from '../situation.ts';
import { readWaitFacts } from '../wait-facts.ts';
import { readCampaigns } from './campaigns.ts';
import { callRates, hourBefore } from './rates.ts';
import { readCallsInFlight, slotsOf } from './slots.ts';
import { upstreamHealth } from './upstreams.ts';

/** `file` has the schedules that may need a decision, and the programs that draw voucher codes. */
export async function readOverview(stores: Stores, clock: Clock, file: ProgramsFile): Promise<Overview> {
  const at = clock();
  const { passLimits, outbox, heartbeats } = stores;
  const [waitFacts, shortage] = await Promise.all([
    readWaitFacts(stores, undefined, at),
    redisShortage(stores.redis).catch(() => undefined),
  ]);
  const { alive, gateMs, openImports, bloomreachPause: pause, unsaved: waiting } = waitFacts;
  const [
    limits,
    depth,
    callsInFlight,
    [passmachineCalls, bloomreachCalls],
    oldestAt,
    shown,
    undecided,
    memory,
    vouchers,
    restored,
    secondCards,
  ] = await Promise.all([
    passLimits.effective(),
    readQueueDepth(stores),
    readCallsInFlight(stores, at),
    Promise.all([
      heartbeats.calls('passmachine', hourBefore(at), at),
      heartbeats.calls('bloomreach', hourBefore(at), at),
    ]),
    outbox.oldestAt(),
    readCampaigns(stores, waitFacts),
    undecidedSchedules(stores, file),
    redisMemory(stores.redis, stores.prefix),
    listVouchers(stores, file),
    stores.storeNotice.find(),
    stores.failures.secondCards(),
  ]);
  const { health, waits } = judge(waitFacts, shortage);
  const token = mostUrgentToken(alive);
  const withRole = (role: ProcessRole) => alive.filter(({ roles }) => roles.includes(role)).map(processInfo);

  const facts = {
    at,
    health,
    slots: slotsOf({
      now: at,
      maxInFlight: limits.maxInFlight.limit ?? 0,
      calls: callsInFlight,
      gateMs,
      heartbeats: alive,
    }),
    rates: {
      passmachine: callRates('passmachine', passmachineCalls, alive, at),
      bloomreach: callRates('bloomreach', bloomreachCalls, alive, at),
    },
    limits,
    queue: {
      ...depth.jobs,
      ...(depth.oldestAt !== undefined && { oldestMs: Math.max(0, at - depth.oldestAt) }),
    },
    writeback: {
      waiting,
      ...(oldestAt !== undefined && { oldestMs: Math.max(0, at - oldestAt) }),
      importBatches: openImports,
      ...(pause !== undefined && { pause }),
    },
    ...(token !== undefined && { token }),
    upstreams: {
      passmachine: upstreamHealth('passmachine', passmachineCalls, alive, at),
      bloomreach: upstreamHealth('bloomreach', bloomreachCalls, alive, at),
    },
    workers: withRole('worker'),
    feeders: withRole('feeder'),
    web: withRole('web'),
    campaigns: shown,
    waits,
  };
  const alerts = findAlerts({
    ...facts,
    gateMs,
    restored,
    invalidFile: invalidFileOf(alive),
    outdated: outdatedProcesses(alive, at),
    stalled: stalledWorkers(alive),
    memory,
    undecided,
    secondCards,
    vouchers,
  });
  return { ...facts, alerts };
}

function processInfo({ process, pid, host, version, since, quiet }: Heartbeat): ProcessInfo {
  return { process, pid, host, version, since, ...(quiet && { quiet }) };
}
