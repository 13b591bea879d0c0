/**
 * The pulse of this process: once a second it tells Redis that it is alive, how its calls fare and
 * how many there were. Beside the work and never in its way: what Redis does not take is lost.
 */

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ProcessPart, Heartbeat } from '../../domain/monitoring/heartbeat.ts';
import { type Clock, sleep } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { leaveSampling, sampleThroughput } from './throughput-samples.ts';
import type { Part } from '../../kit/part.ts';
import type { Stores } from '../stores.ts';
import { makeCallStats, type CallStats } from './call-stats.ts';

/** What only some processes have to tell. */
export type ProcessStats = Pick<Heartbeat, 'breaker' | 'token' | 'refusedFile'>;

export interface HeartbeatPart extends Part {
  /** Counts the calls of this process. */
  callStats: CallStats;
  /** The process works on this from now on; with the first part it begins to beat. */
  takesUp(part: ProcessPart): void;
  /** Has every beat tell this, too; several may. */
  tellsOf(processStats: () => ProcessStats): void;
}

const HEARTBEAT_EVERY_MS = 1000;
const SAMPLE_EVERY_MS = 5000;
/** A Redis that is away must not keep the process. */
const FAREWELL_MS = 1000;

/** Nothing runs before it takes something up. */
export function makeHeartbeat(
  stores: Pick<Stores, 'heartbeats' | 'throughput' | 'leases' | 'campaigns'>,
  clock: Clock,
  log: Logger,
): HeartbeatPart {
  const id = randomUUID();
  const callStats = makeCallStats(clock);
  const parts = new Set<ProcessPart>();
  const rhythms: Rhythm[] = [];
  let since = 0;
  const processStats: (() => ProcessStats)[] = [];

  const heartbeat = async () => {
    const { counted, taken } = callStats.unsaved();
    const heartbeat: Heartbeat = {
      process: id,
      pid: process.pid,
      host: hostname(),
      parts: [...parts],
      since,
      at: clock(),
      ...Object.assign({}, ...processStats.map((told) => told())),
      upstreams: callStats.told(),
    };
    await stores.heartbeats.heartbeat(heartbeat, counted);
    taken();
  };

  /** The last second's calls; they count on after the process. */
  const farewell = async () => {
    await Promise.all(rhythms.map(({ ended }) => ended()));
    await heartbeat();
    await Promise.all([stores.heartbeats.end(id), leaveSampling(stores)]);
  };

  const missed = (error: unknown) => log.warn({ event: 'pulse.missed', err: error });

  return {
    name: 'heartbeat',
    callStats,
    tellsOf(told) {
      processStats.push(told);
    },
    takesUp(part) {
      parts.add(part);
      if (rhythms.length > 0) return;
      since = clock();
      rhythms.push(
        keepDoing(heartbeat, HEARTBEAT_EVERY_MS, missed),
        keepDoing(() => sampleThroughput(stores, clock), SAMPLE_EVERY_MS, missed),
      );
    },
    async stop() {
      if (rhythms.length === 0) return;
      for (const { stop } of rhythms) stop();
      const over = new AbortController();
      await Promise.race([farewell().catch(missed), sleep(FAREWELL_MS, over.signal)]);
      over.abort();
    },
  };
}

interface Rhythm {
  stop(): void;
  /** Resolves once what was under way is done. */
  ended(): Promise<void>;
}

/**
 * Now and every so often, but never twice at once: while Redis is away a single one waits for it.
 * The first of several that are `missed` in a row is told.
 */
function keepDoing(act: () => Promise<void>, everyMs: number, missed: (error: unknown) => void): Rhythm {
  let acting: Promise<void> | undefined;
  let fails = false;
  const once = async () => {
    try {
      await act();
      fails = false;
    } catch (error) {
      if (!fails) missed(error);
      fails = true;
    }
  };
  const next = () => {
    acting ??= once().finally(() => {
      acting = undefined;
    });
  };
  next();
  const timer = setInterval(next, everyMs);
  return {
    stop: () => clearInterval(timer),
    ended: async () => acting,
  };
}
