/** `passbridge up`: runs until it is told to stop. */

import { openLiveFile } from '../../services/programs/live-file.ts';
import { openProcess } from '../../app/process.ts';
import { loadConfig, readVariables } from '../../config/load.ts';
import { loadProgramsFile } from '../../programs/file/programs.ts';
import { loadSources } from '../../programs/file/sources.ts';
import { systemClock } from '../../kit/clock.ts';
import { makeLogger } from '../../kit/logger.ts';
import type { ExitCode } from '../exit-code.ts';
import { aborted, host, interruption, say, tellReady } from '../output/terminal.ts';

export type Role = 'all' | 'web' | 'worker' | 'feeder';

export async function up(role: Role): Promise<ExitCode> {
  const does = (part: Role) => role === 'all' || role === part;
  const environment = { env: process.env, cwd: process.cwd() };
  const config = loadConfig(environment);
  // Only a worker calls anybody, so only a worker has to have the credentials.
  const workerConfig = does('worker')
    ? loadConfig({ ...environment, need: ['passmachine', 'bloomreach'] })
    : undefined;
  const path = config.files.programs;
  const loadAllSources = () => loadSources(path, readVariables(environment));
  const load = () => ({
    ...loadProgramsFile(path, config.campaigns.timeZone),
    // Only a feeder fetches by itself, so only a feeder has to have the secrets.
    sources: does('feeder') ? loadAllSources() : new Map(),
  });
  const log = makeLogger(config.log.level);
  const file = openLiveFile({ path, load, clock: systemClock, log });
  log.info({ event: 'start', role, ...config.summary }, 'passbridge starts');

  const signal = interruption();
  const passbridge = await openProcess(config, host, log);
  try {
    passbridge.watches(file);
    passbridge.startAlerting(file);
    if (workerConfig !== undefined) await passbridge.startWorker(workerConfig, file);
    if (does('feeder')) {
      await passbridge.startFeeder(file);
      await passbridge.startSchedules(file);
    }
    const web = does('web') ? await passbridge.startWeb(file, loadAllSources) : undefined;
    // Last: who probes this port takes an answer for a process that does all that it was started for.
    await passbridge.startMetrics(file);
    say(web === undefined ? `passbridge is up as ${role}` : `passbridge is up at ${web.url}`);
    tellReady();
    await aborted(signal);
    log.info({ event: 'stop' }, 'finishing the calls in flight');
    return 0;
  } finally {
    await passbridge.close();
  }
}
