/** `passbridge up`: runs the services until it is stopped. */

import { Option } from 'commander';
import type { ServedWeb } from '../../app/serve-web.ts';
import type { SettingsStatus } from '../../domain/monitoring/heartbeat.ts';
import type { Clock } from '../../kit/clock.ts';
import { captureNodeWarnings } from '../../kit/runtime/node-warnings.ts';
import type { Host } from '../../services/stores.ts';
import {
  type DeclareCommand,
  environment,
  type ExitCode,
  repairStoreFlag,
  wipeOldDataFlag,
} from '../command.ts';
import { inheritedSocket } from '../inherited-socket.ts';
import { aborted, host, interruption, quietSignal, say, signalReady } from '../output/terminal.ts';

const roles = ['all', 'web', 'worker', 'feeder'] as const;

type Role = (typeof roles)[number];

interface UpFlags {
  role: Role;
  wipeOldData?: boolean;
  repairStore?: boolean;
}

export const declareUp: DeclareCommand = (program, ended) => {
  program
    .command('up')
    .description('run the services: work the queue, feed campaigns, serve HTTP')
    .addOption(new Option('--role <role>', 'run only this part').choices(roles).default('all'))
    .option(...wipeOldDataFlag)
    .option(...repairStoreFlag)
    .action(async (flags: UpFlags) => ended(await up(flags)));
};

async function up({ role, wipeOldData, repairStore }: UpFlags): Promise<ExitCode> {
  const logNodeWarnings = captureNodeWarnings();
  const { loadConfig, readVariables } = await import('../../config/load.ts');
  const { settingsDigest, watchSettings } = await import('../../config/settings-status.ts');
  const { loadProgramsFile } = await import('../../programs/file/programs.ts');
  const { loadSources } = await import('../../programs/file/sources.ts');
  const { openLiveFile } = await import('../../services/programs/live-file.ts');
  const { openProcess } = await import('../../app/process.ts');
  const { systemClock } = await import('../../kit/clock.ts');
  const { makeLogger } = await import('../../kit/logger.ts');

  const runs = (part: Role) => role === 'all' || role === part;
  const config = loadConfig(environment());
  // Only a worker calls the upstreams, so only a worker needs their credentials.
  const workerConfig = runs('worker')
    ? loadConfig({ ...environment(), need: ['passmachine', 'bloomreach'] })
    : undefined;
  const path = config.files.programs;
  const loadAllSources = () => loadSources(path, readVariables(environment()));
  const load = () => ({
    ...loadProgramsFile(path, config.campaigns.timeZone),
    // Only a feeder fetches sources for schedules, so only a feeder needs their secrets.
    sources: runs('feeder') ? loadAllSources() : new Map(),
  });
  const listenFd = inheritedSocket(process.env, process.pid);
  const settingsStatus = makeSettingsStatus(
    await settingsDigest(readVariables(environment())),
    watchSettings(environment()),
    systemClock,
  );
  const log = makeLogger(config.log.level);
  logNodeWarnings(log);
  // The stream of the log is JSON from here on.
  const notices: Host = { ...host, say: (line) => log.warn({ event: 'notice' }, line) };
  const file = openLiveFile({ path, load, clock: systemClock, log });
  log.info({ event: 'start', role, ...config.summary }, 'passbridge starts');

  const signal = interruption();
  const quiet = quietSignal();
  const opening = openProcess(config, { ...notices, wipeOldData, repairStore }, log);
  // Redis may be away, or load its data for minutes.
  const passbridge = await Promise.race([opening, aborted(signal)]).catch(async (error: unknown) => {
    // Its timer would keep the process alive.
    await file.stop();
    throw error;
  });
  if (passbridge === undefined) {
    await file.stop();
    return 0;
  }
  // In the turn of the signal, so that no call begins after it.
  signal.addEventListener('abort', passbridge.quiesce, { once: true });
  const becomeQuiet = () => {
    log.info({ event: 'quiet' }, 'takes no more jobs until it is stopped');
    passbridge.quiet();
  };
  if (quiet.aborted) becomeQuiet();
  quiet.addEventListener('abort', becomeQuiet, { once: true });
  let web: ServedWeb | undefined;
  const starts = [
    async () => passbridge.watchFile(file),
    async () => passbridge.reportSettings(settingsStatus),
    async () => passbridge.startAlerting(file),
    async () => (workerConfig === undefined ? undefined : passbridge.startWorker(workerConfig, file)),
    async () => (runs('feeder') ? passbridge.startFeeder(file) : undefined),
    async () => (runs('feeder') ? passbridge.startSchedules(file) : undefined),
    async () => {
      if (runs('web')) web = await passbridge.startWeb(file, loadAllSources, listenFd);
    },
    // Last, because a probe takes an answer on this port as proof that every other part runs.
    async () => passbridge.startMetrics(file),
  ];
  try {
    for (const start of starts) if (!signal.aborted) await start();
    if (!signal.aborted) {
      say(web === undefined ? `passbridge is up as ${role}` : describeWeb(web));
      signalReady();
    }
    await aborted(signal);
    log.info({ event: 'stop' }, 'finishing the calls in flight');
    return 0;
  } finally {
    await passbridge.close();
  }
}

/** Returns the function that a heartbeat reads. */
function makeSettingsStatus(
  digest: string,
  changedNow: () => readonly string[],
  clock: Clock,
): () => SettingsStatus {
  let since: number | undefined;
  return () => {
    const names = changedNow();
    since = names.length === 0 ? undefined : (since ?? clock());
    return since === undefined ? { digest } : { digest, changed: { names, since } };
  };
}

function describeWeb({ url, dashboard }: ServedWeb): string {
  const line = `passbridge is up at ${url}`;
  if ('problem' in dashboard) return `${line}\n${dashboard.problem}`;
  return dashboard.url === url ? line : `${line}\nDashboard: ${dashboard.url}`;
}
