/** `passbridge issue|reissue|update|notify <program> <file>`: one action for the customers of an export. */

import { order, start, survey, type Wishes } from '../app/campaigns.ts';
import { openProcess } from '../app/process.ts';
import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load.ts';
import { loadPrograms, type Programs } from '../config/programs.ts';
import { nearest } from '../config/nearest.ts';
import type { CampaignAction } from '../job/campaign.ts';
import type { Program } from '../job/program.ts';
import type { ExitCode } from './exit-code.ts';
import { runCampaign } from './run-campaign.ts';
import { describeSurvey } from './survey-report.ts';
import { host, interruption, makeFileLogger, say } from './terminal.ts';

interface CampaignOptions {
  wishes: Wishes;
  dryRun: boolean;
  detach: boolean;
  skipBadRows: boolean;
}

interface Named {
  action: CampaignAction;
  /** Of the program. */
  name: string;
  file: string;
}

export async function startCampaign(named: Named, options: CampaignOptions): Promise<ExitCode> {
  return options.dryRun ? rehearse(named, options.wishes) : run(named, options);
}

/** Needs no credentials and no Redis: it calls nobody. */
async function rehearse({ action, name, file }: Named, wishes: Wishes): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const program = findProgram(loadPrograms(config.files.programs), name);
  const found = await survey({ config, program, action, file, wishes });
  say(describeSurvey(found));
  return found.rejected > 0 ? 1 : 0;
}

async function run(
  { action, name, file }: Named,
  { wishes, detach, skipBadRows }: CampaignOptions,
): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd(), need: ['passmachine', 'bloomreach'] });
  const programs = loadPrograms(config.files.programs);
  const program = findProgram(programs, name);
  const ordered = await order({ config, program, action, file, wishes }, { skipBadRows });

  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    if (!detach) {
      return await runCampaign({ passbridge, config, programs, order: ordered, signal: interruption() });
    }
    await start(passbridge.stores, ordered);
    say(`${ordered.id}: started${ordered.expected === undefined ? '' : ` with ${ordered.expected} rows`}`);
    const workers = await passbridge.stores.passQueue.workers();
    if (workers === 0) say('No worker is running now: it goes on as soon as `passbridge up` does.');
    return 0;
  } finally {
    await passbridge.close();
  }
}

function findProgram(programs: Programs, name: string): Program {
  const program = programs.get(name);
  if (program !== undefined) return program;
  const names = [...programs.keys()];
  const hint = nearest(name, names);
  throw new ConfigError('The command', [
    `there is no program ${name}${hint === undefined ? '' : `, did you mean ${hint}`}? The programs file has: ${names.join(', ')}`,
  ]);
}
