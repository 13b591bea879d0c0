/**
 * The heartbeat of this process: reports to Redis once a second that the process is alive, and its call
 * counts. Best effort: never blocks work; heartbeats that cannot be sent are dropped.
 */

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Heartbeat, ProcessRole } from '../../domain/monitoring/heartbeat.ts';
import type { Clock } from '../../kit/clock.ts';
import { withDeadline } from '../../kit/deadline.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import { type Periodic, startPeriodic } from '../../kit/periodic.ts';
import { packageVersion } from '../../kit/runtime/package-files.ts';
import type { Stores } from '../stores.ts';
import { type CallStats, makeCallStats } from './call-stats.ts';
import { startThroughputSampling } from './throughput-samples.ts';

/** The fields that only some processes report. */
export type ProcessStats = Pick<
  Heartbeat,
  'breaker' | 'token' | 'quiet' | 'stalled' | 'invalidFile' | 'settings'
>;

export interface HeartbeatPart extends Part {
  /** Counts the calls of this process. */
  callStats: CallStats;
  /** Adds a role of this process; heartbeats start with the first one. */
  addRole(role: ProcessRole): void;
  /** Adds fields to every heartbeat; may be called several times. */
  addStats(readStats: () => ProcessStats): void;
  /** Returns the fields that the next heartbeat reports. */
  stats(): ProcessStats;
}

const HEARTBEAT_EVERY_MS = 1000;
/** Limits the last heartbeat, so that a Redis outage does not delay the end of the process. */
const LAST_HEARTBEAT_MS = 1000;

export function makeHeartbeat(
  stores: Pick<Stores, 'heartbeats' | 'throughput' | 'leases' | 'campaigns'>,
  clock: Clock,
  log: Logger,
): HeartbeatPart {
  const id = randomUUID();
  // Read once: the file may be gone when a release is removed.
  const version = packageVersion();
  const callStats = makeCallStats(clock);
  const roles = new Set<ProcessRole>();
  const tasks: Periodic[] = [];
  const stats: (() => ProcessStats)[] = [];
  const allStats = (): ProcessStats => Object.assign({}, ...stats.map((readStats) => readStats()));
  let since = 0;

  const sendHeartbeat = async () => {
    const { buckets, markSaved } = callStats.unsaved();
    const heartbeat: Heartbeat = {
      process: id,
      pid: process.pid,
      host: hostname(),
      version,
      roles: [...roles],
      since,
      at: clock(),
      ...allStats(),
      upstreams: callStats.status(),
    };
    await stores.heartbeats.record(heartbeat, buckets);
    markSaved();
  };

  /** Saves the last second's calls, whose counts outlive the process. */
  const sendLastHeartbeat = async () => {
    await Promise.all(tasks.map(({ stop }) => stop()));
    await sendHeartbeat();
    await stores.heartbeats.remove(id);
  };

  return {
    name: 'heartbeat',
    callStats,
    stats: allStats,
    addStats(readStats) {
      stats.push(readStats);
    },
    addRole(role) {
      roles.add(role);
      if (tasks.length > 0) return;
      since = clock();
      tasks.push(
        startPeriodic({ name: 'heartbeat', everyMs: HEARTBEAT_EVERY_MS, work: sendHeartbeat, log }),
        startThroughputSampling(stores, clock, log),
      );
    },
    async stop() {
      if (tasks.length === 0) return;
      const late = () => new Error(`Redis did not answer within ${LAST_HEARTBEAT_MS} ms`);
      await withDeadline(LAST_HEARTBEAT_MS, sendLastHeartbeat, late).catch((error: unknown) =>
        log.warn({ event: 'heartbeat.last-failed', err: error }),
      );
    },
  };
}
