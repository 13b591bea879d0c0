/**
 * The running whole at one moment, for whoever looks: the page, the API, the CLI. All of it is read
 * from Redis, so that every process tells the same. A look takes a few milliseconds and changes
 * nothing but the slot that a new job is shown in.
 */

import type { Now, ProcessNow } from '../../../domain/monitoring/overview.ts';
import type { ProcessPart, Heartbeat } from '../../../domain/monitoring/heartbeat.ts';
import type { ProgramsFile } from '../../../programs/file/programs.ts';
import type { Clock } from '../../../kit/clock.ts';
import { redisMemory } from '../../../kit/redis/redis-check.ts';
import { alertsOf } from '../alerts/alerts.ts';
import { campaignsNow } from './campaigns.ts';
import { hourBefore, ratesOf } from './rates.ts';
import { callsUnderWay, slotsOf } from './slots.ts';
import { isBroken, upstreamNow } from './upstreams.ts';
import { queueDepth } from '../queue-depth.ts';
import { askingSchedules } from '../../schedules/undecided.ts';
import { soonestToken } from '../process-stats.ts';
import { listVouchers } from '../../programs/vouchers.ts';
import type { Stores } from '../../stores.ts';

/** `file`: with the schedules that may wait for a person's word, and the programs that may lack codes. */
export async function now(stores: Stores, clock: Clock, file: ProgramsFile): Promise<Now> {
  const at = clock();
  const { passQueue, passLimits, outbox, importBatches, heartbeats } = stores;
  const [limits, depth, underWay, gateMs, living, calls, writebacks, found, asking, memory, vouchers] =
    await Promise.all([
      passLimits.inForce(),
      queueDepth(stores),
      callsUnderWay(stores, at),
      passQueue.gateMs(),
      heartbeats.living(),
      Promise.all([
        heartbeats.calls('passmachine', hourBefore(at), at),
        heartbeats.calls('bloomreach', hourBefore(at), at),
      ]),
      Promise.all([outbox.depth(), outbox.oldestAt(), importBatches.waiting()]),
      campaignsNow(stores, at),
      askingSchedules(stores, file),
      redisMemory(stores.redis, stores.prefix),
      listVouchers(stores, file),
    ]);
  const [passmachine, bloomreach] = calls;
  const [{ waiting }, oldestAt, importBatchesWaiting] = writebacks;
  const seats = await stores.seats.of(underWay.map(({ job }) => job.id));
  const token = soonestToken(living);
  const doing = (part: ProcessPart) => living.filter(({ parts }) => parts.includes(part)).map(describe);

  const facts = {
    at,
    slots: slotsOf({
      now: at,
      cap: limits.maxInFlight.limit ?? 0,
      underWay,
      seats,
      gateMs,
      heartbeats: living,
    }),
    rates: {
      passmachine: ratesOf('passmachine', passmachine, living, at),
      bloomreach: ratesOf('bloomreach', bloomreach, living, at),
    },
    limits,
    queue: {
      ...depth.jobs,
      ...(depth.oldestAt !== undefined && { oldestMs: Math.max(0, at - depth.oldestAt) }),
    },
    writeback: {
      waiting,
      ...(oldestAt !== undefined && { oldestMs: Math.max(0, at - oldestAt) }),
      importBatches: importBatchesWaiting,
    },
    ...(token !== undefined && { token }),
    upstreams: {
      passmachine: upstreamNow('passmachine', passmachine, living, at),
      bloomreach: upstreamNow('bloomreach', bloomreach, living, at),
    },
    workers: doing('worker'),
    feeders: doing('feeder'),
    web: doing('web'),
    campaigns: found.shown,
  };
  const alerts = alertsOf({
    ...facts,
    gateMs,
    refusedFile: living.find(({ refusedFile }) => refusedFile !== undefined)?.refusedFile,
    broken: isBroken(living),
    memory,
    asking,
    vouchers,
    wantsFeeder: found.wantsFeeder,
  });
  return { ...facts, alerts };
}

function describe({ process, pid, host, since }: Heartbeat): ProcessNow {
  return { process, pid, host, since };
}
