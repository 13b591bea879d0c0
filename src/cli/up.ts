/** `passbridge up`: runs until it is told to stop. */

import { openProcess } from '../app/process.ts';
import { loadConfig, readVariables } from '../config/load.ts';
import { loadProgramsFile } from '../config/programs.ts';
import { loadSources } from '../config/sources.ts';
import { makeLogger } from '../kit/logger.ts';
import type { ExitCode } from './exit-code.ts';
import { describeCampaigns } from './summary.ts';
import { aborted, host, interruption, say } from './terminal.ts';

export type Role = 'all' | 'web' | 'worker' | 'feeder';

export async function up(role: Role): Promise<ExitCode> {
  const does = (part: Role) => role === 'all' || role === part;
  const environment = { env: process.env, cwd: process.cwd() };
  const config = loadConfig(environment);
  // Only a worker calls anybody, so only a worker has to have the credentials.
  const workerConfig = does('worker')
    ? loadConfig({ ...environment, need: ['passmachine', 'bloomreach'] })
    : undefined;
  const file = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const { programs } = file;
  const sources = does('feeder') ? loadSources(config.files.programs, readVariables(environment)) : undefined;
  const log = makeLogger(config.log.level);
  log.info({ event: 'start', role, ...config.summary }, 'passbridge starts');

  const signal = interruption();
  const passbridge = await openProcess(config, host, log);
  try {
    if (workerConfig !== undefined) await passbridge.startWorker(workerConfig, programs);
    if (sources !== undefined) {
      await passbridge.startFeeder(programs);
      await passbridge.startSchedules(file, sources);
    }
    if (does('web')) say(`passbridge is up at ${await passbridge.startWeb(programs, describeCampaigns)}`);
    else say(`passbridge is up as ${role}`);
    await aborted(signal);
    log.info({ event: 'stop' }, 'finishing the calls in flight');
    return 0;
  } finally {
    await passbridge.close();
  }
}
