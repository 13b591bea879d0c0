/**
 * A running process: its open stores, and the parts started so far. Loads what a part needs when the part is started:
 * commands that only read the stores start in half the time without it.
 */

import type { Config } from '../config/config.ts';
import type { SettingsStatus } from '../domain/monitoring/heartbeat.ts';
import type { ProgramsFile } from '../programs/file/programs.ts';
import type { Sources } from '../programs/file/sources.ts';
import { systemClock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { makeAnswerCheck } from '../kit/redis/answer-check.ts';
import { followRedisClock } from '../kit/redis/redis-clock.ts';
import type { ServedWeb } from './serve-web.ts';
import type { WorkerConfig } from './assemble.ts';
import type { RepairOptions } from '../kit/private-redis/repair.ts';
import { declareRestored } from '../services/backup/declaration.ts';
import { type Part, quiesceParts, stopParts } from '../kit/part.ts';
import { openStoreWatch } from '../services/backup/store-watch.ts';
import { makeHeartbeat } from '../services/monitoring/heartbeat.ts';
import type { LiveFile } from '../services/programs/live-file.ts';
import { type Host, openStores, type Stores } from '../services/stores.ts';
import type { ReadHealth } from '../services/monitoring/shared-health.ts';
import { makeUnreadinessCheck } from '../services/monitoring/readiness.ts';
import { startRedisWatch } from '../services/monitoring/redis-watch.ts';
import { makeProcessProbes } from './probes.ts';

export interface PassbridgeProcess {
  readonly stores: Stores;
  readonly log: Logger;
  /** Works the queue with these credentials. `file`, here and below, is read on each use, because it is reloaded. */
  startWorker(config: WorkerConfig, file: Pick<ProgramsFile, 'programs'>): Promise<void>;
  /** Feeds campaigns, including those that another process left half fed. */
  startFeeder(file: Pick<ProgramsFile, 'programs'>): Promise<void>;
  /** Starts campaigns by cron. They are fed by this or another process. */
  startSchedules(file: ProgramsFile & { sources: Sources }): Promise<void>;
  /** Sends alerts if a channel is configured. */
  startAlerting(file: ProgramsFile): Promise<void>;
  /** Reports an invalid programs file in the heartbeat. */
  watchFile(file: Pick<LiveFile, 'name' | 'invalid' | 'stop'>): void;
  /** Reports in the heartbeat whether the settings of this process are still those of `.env`. */
  reportSettings(read: () => SettingsStatus): void;
  /**
   * Serves metrics and probes on METRICS_PORT if it is set. Must be called last: a probe takes an answer as proof that
   * every part runs. It stops after all other parts.
   */
  startMetrics(file: ProgramsFile): Promise<void>;
  /** Serves webhooks, the API and the dashboard, on a socket that listens already or else on HOST and PORT. */
  startWeb(file: ProgramsFile, sources: () => Sources, listenFd?: number): Promise<ServedWeb>;
  /**
   * Takes no more jobs and starts no more calls or campaigns from this call on, in parts that are started later, too.
   * Calls in flight end and are recorded; HTTP, write-backs and alerts continue until `close`.
   */
  quiet(): void;
  /**
   * Begins no more work from this call on, in parts that are started later, too. Calls in flight continue; the process
   * still answers HTTP, but is not ready.
   */
  quiesce(): void;
  /**
   * Quiesces and stops all parts in reverse order, which finishes calls in flight, and closes the stores. Resolves also
   * if a part fails. `wipe`: also deletes all data.
   */
  close(options?: { wipe: boolean }): Promise<void>;
}

/** Opens the stores, without starting any part but the heartbeat. */
export async function openProcess(config: Config, host: Host, log: Logger): Promise<PassbridgeProcess> {
  const repair: RepairOptions = {
    // The store watch holds the campaigns, as after the restore of a backup.
    onRepair: (createdAt) =>
      declareRestored(config, { cause: 'repaired', ...(createdAt !== undefined && { createdAt }) }),
  };
  const stores = await openStores(config, host, host.repairStore === true ? repair : undefined);
  const { say } = host;
  const storeWatch = await openStoreWatch({ config, stores, clock: systemClock, say, log }).catch(
    async (error: unknown) => {
      await stores.close();
      throw error;
    },
  );
  const heartbeat = makeHeartbeat(stores, systemClock, log);
  const unreadiness = makeUnreadinessCheck(stores);
  const parts: Part[] = [
    followRedisClock(stores.redis, stores.prefix, log),
    startRedisWatch({ redis: stores.redis, unreadiness, log }),
    storeWatch,
    heartbeat,
  ];
  let isStopping = false;
  let isQuiet = false;
  heartbeat.addStats(() => (isQuiet ? { quiet: true } : {}));
  const add = (...started: Part[]) => {
    parts.push(...started);
    if (isStopping) quiesceParts(started, log);
    else if (isQuiet) quiesceParts(started.filter(worksOnJobs), log);
  };
  const quiet = () => {
    isQuiet = true;
    quiesceParts(parts.filter(worksOnJobs), log);
  };
  const quiesce = () => {
    isStopping = true;
    quiesceParts(parts, log);
  };
  /** Judged once for all pages and probes of the process. */
  let readHealth: ReadHealth | undefined;
  const health: ReadHealth = async () => {
    const { makeSharedHealth } = await import('../services/monitoring/shared-health.ts');
    readHealth ??= makeSharedHealth(stores, makeAnswerCheck(stores.redis));
    return readHealth();
  };
  const probes = makeProcessProbes({
    stores,
    heartbeat,
    health,
    unreadiness,
    isStopping: () => isStopping,
    isQuiet: () => isQuiet,
    log,
  });

  return {
    stores,
    log,
    async startWorker(workerConfig, file) {
      const { startVouchers } = await import('../services/programs/vouchers.ts');
      const { makeFindProgram } = await import('../services/programs/find-program.ts');
      const { startTracing } = await import('../kit/tracing.ts');
      const { startWorker } = await import('./assemble.ts');
      storeWatch.start();
      add(await startVouchers(stores, file, { path: config.files.programs, log }));
      const { tracing: settings } = config;
      const tracing = settings === undefined ? undefined : await startTracing(settings);
      if (tracing !== undefined) add({ name: 'tracing', stop: tracing.stop });
      const findProgram = makeFindProgram(file, stores);
      storeWatch.start();
      const deps = {
        config: workerConfig,
        findProgram,
        stores,
        metrics: await probes.metrics(),
        heartbeat,
        storeWatch,
        tracing,
        log,
      };
      add(...(await startWorker(deps)));
      heartbeat.addRole('worker');
    },
    async startFeeder(file) {
      const { makeFindProgram } = await import('../services/programs/find-program.ts');
      const { startFileSweep } = await import('../services/campaigns/files/file-sweep.ts');
      const { startRetention } = await import('../services/customers/erasure/retention.ts');
      const { startEarlyProofs } = await import('../services/intake/card-proofs.ts');
      const { startReconcile } = await import('../services/campaigns/reconcile.ts');
      const { startFeeder } = await import('./assemble.ts');
      storeWatch.start();
      const findProgram = makeFindProgram(file, stores);
      add(startFeeder({ config, findProgram, stores, metrics: await probes.metrics(), log }));
      add(await startReconcile(stores, log));
      add(startEarlyProofs({ stores, findProgram, clock: systemClock, log }));
      add(startFileSweep(config, stores, log));
      const keptMs = { failures: config.failures.keptMs, campaigns: config.campaigns.keptMs };
      add(startRetention(stores, keptMs, log));
      heartbeat.addRole('feeder');
    },
    async startSchedules(file) {
      const { makeRunFetcher } = await import('../services/schedules/run-fetcher.ts');
      const { startSchedules } = await import('../services/schedules/run-schedules.ts');
      const fetcher = makeRunFetcher({ config, file, ...stores });
      add({ name: 'run fetcher', stop: fetcher.stop });
      const schedules = await startSchedules({ config, file, stores, fetcher, clock: systemClock, log });
      add({ ...schedules, worksOnJobs: true });
    },
    async startAlerting(file) {
      const { openAlertChannels } = await import('../services/monitoring/alerts/channels.ts');
      const { startAlerting } = await import('../services/monitoring/alerts/alerting.ts');
      const channels = openAlertChannels(config);
      if (channels.length === 0) return;
      add(startAlerting({ stores, file, channels, clock: systemClock, log }));
    },
    watchFile(file) {
      add(file);
      heartbeat.addStats(() => {
        const invalidFile = file.invalid();
        return invalidFile === undefined ? {} : { invalidFile };
      });
    },
    reportSettings(read) {
      heartbeat.addStats(() => ({ settings: read() }));
    },
    async startMetrics(file) {
      const { host: address, metricsPorts: ports } = config.http;
      if (ports === undefined) return;
      const { startProbeServer } = await import('../web/probes.ts');
      const server = await startProbeServer({ host: address, ports, ...(await probes.options(file)) });
      // Stopped last: it reports until then that the process is alive and not ready.
      parts.unshift({ name: 'metrics', stop: server.stop });
      log.info({ event: 'metrics', url: `${server.url}/metrics` });
    },
    async startWeb(file, sources, listenFd) {
      storeWatch.start();
      const { serveWeb } = await import('./serve-web.ts');
      const server = await serveWeb({
        config,
        stores,
        file,
        sources,
        probes: await probes.options(file),
        listenFd,
        metrics: (await probes.metrics()).own,
        health,
        add,
        log,
      });
      heartbeat.addRole('web');
      return server;
    },
    quiet,
    quiesce,
    async close({ wipe } = { wipe: false }) {
      isStopping = true;
      await stopParts(parts, config.shutdown.graceMs, log);
      if (wipe) await Promise.all([stores.wipe(), storeWatch.forget()]);
      await stores.close();
    },
  };
}

function worksOnJobs(part: Part): boolean {
  return part.worksOnJobs === true;
}
