/** One running process of passbridge: stores that are open, and the parts started so far. */

import type { Config } from '../config/config.ts';
import type { Programs } from '../config/programs.ts';
import type { Sources } from '../config/sources.ts';
import type { Campaign } from '../job/campaign.ts';
import { systemClock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { makeMetrics } from '../kit/metrics.ts';
import { startWebServer } from '../web/server.ts';
import { startFeeder, startWorker, type WorkerConfig } from './assemble.ts';
import { openDoors } from './doors/doors.ts';
import { spoolFolder } from './sources/fetch.ts';
import { scrape } from './observe.ts';
import { type Part, stopParts } from './part.ts';
import { makeRunFetcher } from './schedules/run-fetcher.ts';
import { startSchedules } from './schedules/run-schedules.ts';
import type { ScheduleDesk } from './schedules/schedule-desk.ts';
import { type Host, openStores, type Stores } from './stores.ts';
import { startSpoolSweep } from './sources/spool-sweep.ts';
import { startTakingUp } from './take-up.ts';

export interface PassbridgeProcess {
  readonly stores: Stores;
  /** Works the queue with these credentials and programs. */
  startWorker(config: WorkerConfig, programs: Programs): Promise<void>;
  /** Feeds campaigns, those that were left half fed included. */
  startFeeder(programs: Programs): Promise<void>;
  /** Starts campaigns by cron; somebody has to feed them. */
  startSchedules(file: Pick<ScheduleDesk, 'programs' | 'schedules'>, sources: Sources): Promise<void>;
  /** Serves HTTP and returns its address. */
  startWeb(programs: Programs, describe: (campaigns: readonly Campaign[]) => string): Promise<string>;
  /** Stops everything in the reverse order: calls in flight are finished first. `wipe` leaves no data. */
  close(options?: { wipe: boolean }): Promise<void>;
}

/** Opens the stores; nothing runs yet. */
export async function openProcess(config: Config, host: Host, log: Logger): Promise<PassbridgeProcess> {
  const stores = await openStores(config, host);
  const metrics = makeMetrics();
  const parts: Part[] = [];

  return {
    stores,
    async startWorker(workerConfig, programs) {
      parts.push(...(await startWorker({ config: workerConfig, programs, stores, metrics, log })));
    },
    async startFeeder(programs) {
      parts.push(startFeeder({ config, programs, stores, log }));
      parts.push(await startTakingUp(stores, log));
      parts.push(startSpoolSweep(spoolFolder(config), stores, log));
    },
    async startSchedules(file, sources) {
      const fetcher = makeRunFetcher({ config, sources, ...stores });
      parts.push({ name: 'fetching', stop: fetcher.stop });
      parts.push(await startSchedules({ config, ...file, stores, fetcher, clock: systemClock, log }));
    },
    async startWeb(programs, describe) {
      const doors = openDoors(stores, log);
      parts.push(doors);
      const server = await startWebServer({
        ...config.http,
        campaigns: () => stores.campaigns.list(),
        describe,
        ready: async () => stores.redis.status === 'ready',
        metrics: () => scrape(metrics, stores),
        access: config.webhook,
        programs,
        idTypes: config.customers.idTypes,
        ...config.gateway,
        parcels: stores.parcels,
        receive: doors.receive,
        receiveEvent: doors.receiveEvent,
        answerTo: doors.answerTo,
        log,
      });
      parts.push({ name: 'web', stop: server.stop });
      return server.url;
    },
    async close({ wipe } = { wipe: false }) {
      await stopParts(parts, config.shutdown.graceMs, log);
      if (wipe) await stores.wipe();
      await stores.close();
    },
  };
}
