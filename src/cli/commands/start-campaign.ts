/** `passbridge issue|reissue|update|notify <program> <file>`: one action for the customers of an export. */

import { isUserError } from '../../kit/user-error.ts';
import { hasMoreRows, lastTextOf, order, start, preflight } from '../../services/campaigns/campaigns.ts';
import { openProcess } from '../../app/process.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { loadPrograms, loadProgramsFile, type Programs } from '../../programs/file/programs.ts';
import { nearest } from '../../config/nearest.ts';
import type { CampaignAction } from '../../domain/campaigns/campaign.ts';
import type { Program } from '../../domain/jobs/program.ts';
import { localAction } from './act.ts';
import { type CampaignFlags, optionsOf } from './campaign-flags.ts';
import { canAsk, confirm } from '../prompt/confirm.ts';
import type { ExitCode } from '../exit-code.ts';
import { obtain } from './obtain.ts';
import { followToSummary } from './run-campaign.ts';
import { describePreflight } from '../output/preflight-report.ts';
import { host, interruption, makeFileLogger, say } from '../output/terminal.ts';

interface Named {
  action: CampaignAction;
  /** Of the program. */
  name: string;
  /** A path, or the name of a configured source after an @. */
  file: string;
}

export async function startCampaign(named: Named, flags: CampaignFlags): Promise<ExitCode> {
  try {
    return await (flags.dryRun === true ? rehearse(named, flags) : run(named, flags));
  } catch (error) {
    if (!isUserError(error, 'SOURCE_EMPTY')) throw error;
    say(`Nothing to do. ${error.message}`);
    return 0;
  }
}

/** Needs no credentials: it calls nobody. Only what a text is compared with is in Redis. */
async function rehearse({ action, name, file }: Named, flags: CampaignFlags): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const program = findProgram(loadPrograms(config.files.programs), name);
  const options = optionsOf(flags, config.campaigns.timeZone);
  const lastText = action === 'notify' ? await readLastText(config, program) : undefined;
  const { path } = await obtain(file, {
    config,
    purpose: { program, action, guards: options.guards },
    again: flags.again === true,
  });
  const found = await preflight({ config, program, action, file: path, options }, { lastText });
  say(describePreflight(found, config.passmachine));
  return found.rejected > 0 ? 1 : 0;
}

async function readLastText(config: Config, program: Program): Promise<string | undefined> {
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    return await lastTextOf(passbridge.stores, program);
  } finally {
    await passbridge.close();
  }
}

async function run({ action, name, file }: Named, flags: CampaignFlags): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd(), need: ['passmachine', 'bloomreach'] });
  const programsFile = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const program = findProgram(programsFile.programs, name);
  const options = optionsOf(flags, config.campaigns.timeZone);
  const skipBadRows = flags.skipBadRows === true;
  const { path, ...input } = await obtain(file, {
    config,
    purpose: { program, action, guards: options.guards },
    again: flags.again === true,
  });
  const ordered = await order(
    { config, program, action, file: path, ...(input.from !== undefined && { from: input.from }), options },
    { skipBadRows },
  );
  const { confirmAbove } = config.campaigns;
  // Without a terminal nobody could be asked.
  if (flags.yes !== true && canAsk() && (await hasMoreRows(ordered, config, confirmAbove))) {
    const question = `${file} has more than ${confirmAbove} rows. Start ${action} with all of them?`;
    if (!(await confirm(question))) {
      say('Nothing was sent.');
      return 2;
    }
  }

  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    await start(passbridge.stores, ordered, program, localAction(flags.reason));
    if (input.from !== undefined && input.taken !== undefined) {
      await passbridge.stores.takenFiles.take(input.from, input.taken, ordered.id);
    }
    if (flags.detach !== true) {
      const signal = interruption();
      return await followToSummary({ passbridge, config, file: programsFile, campaign: ordered.id, signal });
    }
    say(`${ordered.id}: started${ordered.expected === undefined ? '' : ` with ${ordered.expected} rows`}`);
    const workers = await passbridge.stores.passQueue.workers();
    if (workers === 0) say('No worker is running now: it goes on as soon as `passbridge up` does.');
    return 0;
  } finally {
    await passbridge.close();
  }
}

/** Throws a {@link ConfigError} that names the ones there are. */
export function findProgram(programs: Programs, name: string): Program {
  const program = programs.get(name);
  if (program !== undefined) return program;
  const names = [...programs.keys()];
  const hint = nearest(name, names);
  throw new ConfigError('The command', [
    `there is no program ${name}${hint === undefined ? '' : `, did you mean ${hint}`}? The programs file has: ${names.join(', ')}`,
  ]);
}
