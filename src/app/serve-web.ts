/** Serves HTTP: the webhook endpoints and the dashboard with its API. */

import type { Config } from '../config/config.ts';
import { JOB_ID_KEY } from '../domain/jobs/program.ts';
import type { Programs, ProgramsFile } from '../programs/file/programs.ts';
import type { Sources } from '../programs/file/sources.ts';
import type { Logger } from '../kit/logger.ts';
import { makeAnswerCheck } from '../kit/redis/answer-check.ts';
import { openQueueInspector } from '../queue/queue-diagnostics.ts';
import type { Access } from '../web/auth/identity.ts';
import { pathTo, routes } from '../web/paths.ts';
import type { ProbeOptions } from '../web/probes.ts';
import { startWebServer, type WebServer } from '../web/server.ts';
import { makeDashboardService } from '../services/dashboard/dashboard-service.ts';
import { instrumentRequests } from '../services/monitoring/metrics/instrument.ts';
import type { OwnMetrics } from '../services/monitoring/metrics/metrics.ts';
import { uploadFolder } from '../services/campaigns/files/fetch.ts';
import { makeFindProgram } from '../services/programs/find-program.ts';
import type { ReadHealth } from '../services/monitoring/shared-health.ts';
import { openIntake } from '../services/intake/intake.ts';
import type { Part } from '../kit/part.ts';
import { signInOptions } from './sign-in.ts';
import type { Stores } from '../services/stores.ts';

interface Deps {
  config: Config;
  stores: Stores;
  file: ProgramsFile;
  sources: () => Sources;
  probes: ProbeOptions;
  /** File descriptor of a socket that listens already. */
  listenFd: number | undefined;
  metrics: OwnMetrics;
  health: ReadHealth;
  /** Receives each part as soon as it is started. */
  add: (part: Part) => void;
  log: Logger;
}

/** Returns the members of metadata that hold job ids, of all programs and by default: older cards may have the default. */
function jobIdKeysOf(programs: Programs): ReadonlySet<string> {
  return new Set([JOB_ID_KEY, ...[...programs.values()].flatMap(({ jobIdKey }) => jobIdKey ?? [])]);
}

/** `url`: where the dashboard is opened, e.g. `http://127.0.0.1:3000/sign-in?token=…`; `problem`: why it is off. */
export type DashboardAddress = { url: string } | { problem: string };

export type ServedWeb = Pick<WebServer, 'url' | 'routes' | 'endpoints'> & { dashboard: DashboardAddress };

function addressOf(access: Access, url: string): DashboardAddress {
  switch (access.kind) {
    case 'operators':
      return { url };
    case 'token':
      return { url: url + pathTo(routes.signIn, {}, { token: access.token.value }) };
    case 'off':
      return { problem: access.problem };
  }
}

/** Starts the web server. Rejects if the address is in use. */
export async function serveWeb(deps: Deps): Promise<ServedWeb> {
  const { config, stores, file, sources, probes, listenFd, metrics, health, add, log } = deps;
  const intake = openIntake(stores, makeFindProgram(file, stores), log);
  add(intake);
  const inspector = openQueueInspector(stores.redis, stores.prefix);
  add({ name: 'queue inspector', stop: inspector.close });
  const signIn = await signInOptions(config, stores, { add, log });
  const server = await startWebServer({
    ...config.http,
    listenFd,
    dashboard: {
      service: makeDashboardService(stores, { config, file, sources, inspector, health, log }),
      uploads: { folder: uploadFolder(config), maxBytes: config.uploads.maxBytes },
      timeZone: config.campaigns.timeZone,
      signIn,
      redisAnswers: makeAnswerCheck(stores.redis),
      log,
    },
    ...probes,
    onAnswered: instrumentRequests(metrics),
    access: config.webhook,
    programs: () => file.programs,
    jobIdKeys: () => jobIdKeysOf(file.programs),
    idTypes: config.customers.idTypes,
    ...config.gateway,
    importBatches: stores.importBatches,
    receive: intake.receive,
    receiveEvent: intake.receiveEvent,
    answerTo: intake.answerTo,
    log,
  });
  add({ name: 'web', stop: server.stop });
  const { url, routes: served, endpoints } = server;
  return { url, routes: served, endpoints, dashboard: addressOf(signIn.access, url) };
}
