/** One running process of passbridge: stores that are open, and the parts started so far. */

import type { Config } from '../config/config.ts';
import type { ProgramsFile } from '../programs/file/programs.ts';
import type { Sources } from '../programs/file/sources.ts';
import { systemClock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { startTracing } from '../kit/tracing.ts';
import type { WebServer } from '../web/server.ts';
import { startAlerting } from '../services/monitoring/alerts/alerting.ts';
import { openAlertChannels } from '../services/monitoring/alerts/channels.ts';
import { startFeeder, startWorker, type WorkerConfig } from './assemble.ts';
import { uploadFolder } from '../services/dashboard/drafts.ts';
import { startRetention } from '../services/customers/erasure/retention.ts';
import { spoolFolder } from '../services/campaigns/files/fetch.ts';
import { makeMetrics } from '../services/monitoring/metrics/metrics.ts';
import { scrape } from '../services/monitoring/metrics/scrape.ts';
import { type Part, stopParts } from '../kit/part.ts';
import { makeHeartbeat } from '../services/monitoring/heartbeat.ts';
import type { LiveFile } from '../services/programs/live-file.ts';
import { makeFindProgram } from '../services/programs/find-program.ts';
import { makeRunFetcher } from '../services/schedules/run-fetcher.ts';
import { startSchedules } from '../services/schedules/run-schedules.ts';
import { type Host, openStores, type Stores } from '../services/stores.ts';
import { startSpoolSweep } from '../services/campaigns/files/spool-sweep.ts';
import { startVouchers } from '../services/programs/vouchers.ts';
import { startTakingUp } from '../services/campaigns/reconcile.ts';

export interface PassbridgeProcess {
  readonly stores: Stores;
  /** Works the queue with these credentials. Here and below, what the file says is looked at each time. */
  startWorker(config: WorkerConfig, file: Pick<ProgramsFile, 'programs'>): Promise<void>;
  /** Feeds campaigns, those that were left half fed included. */
  startFeeder(file: Pick<ProgramsFile, 'programs'>): Promise<void>;
  /** Starts campaigns by cron; somebody has to feed them. */
  startSchedules(file: ProgramsFile & { sources: Sources }): Promise<void>;
  /** Tells people of what is wrong, where that is configured. */
  startAlerting(file: ProgramsFile): void;
  /** Has the pulse tell of a file that cannot be used. */
  watches(file: Pick<LiveFile, 'name' | 'refused' | 'stop'>): void;
  /** Serves the metrics and the probes alone, where METRICS_PORT is set; to be called last. Until all else has stopped. */
  startMetrics(file: ProgramsFile): Promise<void>;
  /** Serves HTTP, the dashboard included. */
  startWeb(file: ProgramsFile, sources: () => Sources): Promise<Pick<WebServer, 'url' | 'routes'>>;
  /** Stops everything in the reverse order: calls in flight are finished first. `wipe` leaves no data. */
  close(options?: { wipe: boolean }): Promise<void>;
}

/** Opens the stores; nothing runs yet. */
export async function openProcess(config: Config, host: Host, log: Logger): Promise<PassbridgeProcess> {
  const stores = await openStores(config, host);
  const metrics = makeMetrics();
  const heartbeat = makeHeartbeat(stores, systemClock, log);
  const parts: Part[] = [heartbeat];
  const probes = (file: ProgramsFile) => ({
    ready: async () => stores.redis.status === 'ready',
    metrics: () => scrape({ metrics, stores, file, clock: systemClock, log }),
  });

  return {
    stores,
    async startWorker(workerConfig, file) {
      parts.push(await startVouchers(stores, file, { path: config.files.programs, log }));
      const { tracing: settings } = config;
      const tracing = settings === undefined ? undefined : await startTracing(settings);
      if (tracing !== undefined) parts.push({ name: 'tracing', stop: tracing.stop });
      const findProgram = makeFindProgram(file, stores);
      const deps = { config: workerConfig, findProgram, stores, metrics, heartbeat, tracing, log };
      parts.push(...(await startWorker(deps)));
      heartbeat.takesUp('worker');
    },
    async startFeeder(file) {
      const findProgram = makeFindProgram(file, stores);
      parts.push(startFeeder({ config, findProgram, stores, metrics, log }));
      parts.push(await startTakingUp(stores, log));
      for (const folder of [spoolFolder(config), uploadFolder(config)])
        parts.push(startSpoolSweep(folder, stores, log));
      parts.push(startRetention(stores, config.failures.keptMs, log));
      heartbeat.takesUp('feeder');
    },
    async startSchedules(file) {
      const fetcher = makeRunFetcher({ config, file, ...stores });
      parts.push({ name: 'fetching', stop: fetcher.stop });
      parts.push(await startSchedules({ config, file, stores, fetcher, clock: systemClock, log }));
    },
    startAlerting(file) {
      const channels = openAlertChannels(config.alerts, config.http.publicUrl);
      if (channels.length === 0) return;
      parts.push(startAlerting({ stores, file, channels, clock: systemClock, log }));
    },
    watches(file) {
      parts.push(file);
      heartbeat.tellsOf(() => {
        const refusedFile = file.refused();
        return refusedFile === undefined ? {} : { refusedFile };
      });
    },
    async startMetrics(file) {
      const { host: address, metricsPort } = config.http;
      if (metricsPort === undefined) return;
      const { startProbeServer } = await import('../web/probes.ts');
      const server = await startProbeServer({ host: address, port: metricsPort, ...probes(file) });
      parts.unshift({ name: 'metrics', stop: server.stop });
      log.info({ event: 'metrics', url: `${server.url}/metrics` });
    },
    async startWeb(file, sources) {
      // Loaded here, since most commands serve nothing and start in two thirds of the time without.
      const { serveWeb } = await import('./serve-web.ts');
      const server = await serveWeb({ config, stores, file, sources, probes: probes(file), parts, log });
      heartbeat.takesUp('web');
      return server;
    },
    async close({ wipe } = { wipe: false }) {
      await stopParts(parts, config.shutdown.graceMs, log);
      if (wipe) await stores.wipe();
      await stores.close();
    },
  };
}
