/**
 * The metrics and probes of a process. They are loaded with the first part that counts or serves something: commands that
 * only read the stores do without Prometheus and the templates' engine.
 */

import { systemClock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { ProgramsFile } from '../programs/file/programs.ts';
import type { HeartbeatPart } from '../services/monitoring/heartbeat.ts';
import type { Metrics } from '../services/monitoring/metrics/metrics.ts';
import type { ReadHealth } from '../services/monitoring/shared-health.ts';
import type { Stores } from '../services/stores.ts';
import type { ProbeOptions } from '../web/probes.ts';

interface Deps {
  stores: Stores;
  heartbeat: Pick<HeartbeatPart, 'stats'>;
  health: ReadHealth;
  unreadiness: () => Promise<string | undefined>;
  isStopping: () => boolean;
  isQuiet: () => boolean;
  log: Logger;
}

export interface ProcessProbes {
  /** Resolves with the same metrics every time. */
  metrics(): Promise<Metrics>;
  /** `file` is read at every scrape. */
  options(file: ProgramsFile): Promise<ProbeOptions>;
}

export function makeProcessProbes(deps: Deps): ProcessProbes {
  const { stores, heartbeat, health, unreadiness, isStopping, isQuiet, log } = deps;
  let loading: ReturnType<typeof load> | undefined;
  const load = async () => {
    const [{ makeMetrics }, { makeScrape }, { makeEngineCheck }] = await Promise.all([
      import('../services/monitoring/metrics/metrics.ts'),
      import('../services/monitoring/metrics/scrape.ts'),
      import('../programs/jinja/engine-check.ts'),
    ]);
    const metrics = makeMetrics();
    const scrape = makeScrape({ metrics, stores, clock: systemClock, log });
    return { metrics, scrape, engineProblem: makeEngineCheck() };
  };
  const loaded = () => (loading ??= load());
  return {
    metrics: async () => (await loaded()).metrics,
    async options(file) {
      const { scrape, engineProblem } = await loaded();
      return {
        unreadiness: async () => (isStopping() ? 'stopping' : unreadiness()),
        problem: () => (isStopping() ? undefined : (heartbeat.stats().stalled?.text ?? engineProblem())),
        isQuiet,
        health: async () => (await health()).state,
        metrics: () => scrape(file),
      };
    },
  };
}
