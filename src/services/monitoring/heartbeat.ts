/**
 * The pulse of this process: once a second it tells Redis that it is alive, how its calls fare and
 * how many there were. Beside the work and never in its way: what Redis does not take is lost.
 */

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ProcessPart, Pulse } from '../../domain/monitoring/heartbeat.ts';
import { type Clock, sleep } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { leavePace, samplePace } from './throughput-samples.ts';
import type { Part } from '../../kit/part.ts';
import type { Stores } from '../stores.ts';
import { makeTraffic, type Traffic } from './call-stats.ts';

/** What only some processes have to tell. */
export type Vitals = Pick<Pulse, 'breaker' | 'token' | 'refusedFile'>;

export interface PulsePart extends Part {
  /** Counts the calls of this process. */
  traffic: Traffic;
  /** The process works on this from now on; with the first part it begins to beat. */
  takesUp(part: ProcessPart): void;
  /** Has every beat tell this, too; several may. */
  tellsOf(vitals: () => Vitals): void;
}

const BEAT_EVERY_MS = 1000;
const SAMPLE_EVERY_MS = 5000;
/** A Redis that is away must not keep the process. */
const FAREWELL_MS = 1000;

/** Nothing runs before it takes something up. */
export function makePulse(
  stores: Pick<Stores, 'pulses' | 'pace' | 'leases' | 'campaigns'>,
  clock: Clock,
  log: Logger,
): PulsePart {
  const id = randomUUID();
  const traffic = makeTraffic(clock);
  const parts = new Set<ProcessPart>();
  const rhythms: Rhythm[] = [];
  let since = 0;
  const vitals: (() => Vitals)[] = [];

  const beat = async () => {
    const { counted, taken } = traffic.unsaved();
    const pulse: Pulse = {
      process: id,
      pid: process.pid,
      host: hostname(),
      parts: [...parts],
      since,
      at: clock(),
      ...Object.assign({}, ...vitals.map((told) => told())),
      upstreams: traffic.told(),
    };
    await stores.pulses.beat(pulse, counted);
    taken();
  };

  /** The last second's calls; they count on after the process. */
  const farewell = async () => {
    await Promise.all(rhythms.map(({ ended }) => ended()));
    await beat();
    await Promise.all([stores.pulses.end(id), leavePace(stores)]);
  };

  const missed = (error: unknown) => log.warn({ event: 'pulse.missed', err: error });

  return {
    name: 'pulse',
    traffic,
    tellsOf(told) {
      vitals.push(told);
    },
    takesUp(part) {
      parts.add(part);
      if (rhythms.length > 0) return;
      since = clock();
      rhythms.push(
        keepDoing(beat, BEAT_EVERY_MS, missed),
        keepDoing(() => samplePace(stores, clock), SAMPLE_EVERY_MS, missed),
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
