/** `passbridge issue|reissue|update|notify <program> <file>`: starts a campaign, or checks its file with `--dry-run`. */

import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import type { CampaignAction } from '../../domain/campaigns/campaign-action.ts';
import { flagOf } from '../../domain/campaigns/options/campaign-options.ts';
import {
  type CampaignOptions,
  parseOptions,
  problemLines,
} from '../../domain/campaigns/options/parse-options.ts';
import { describeWarning } from '../../domain/campaigns/preflight-warning.ts';
import type { Program } from '../../domain/jobs/program.ts';
import { didYouMean } from '../../kit/did-you-mean.ts';
import { isUserError, UserError } from '../../kit/user-error.ts';
import { loadPrograms, loadProgramsFile, type Programs } from '../../programs/file/programs.ts';
import type { CampaignRequest } from '../../services/campaigns/campaign-request.ts';
import {
  hasMoreRows,
  headWarnings,
  lastTextOf,
  preflight,
  prepareCampaign,
} from '../../services/campaigns/prepare-campaign.ts';
import { startCampaign } from '../../services/campaigns/start-campaign.ts';
import { prepareTestSend } from '../../services/campaigns/test-send.ts';
import { environment, type ExitCode, localAction, withProcess } from '../command.ts';
import { resolveInputFile } from '../input-file.ts';
import { describePreflight, publicPreflight } from '../output/preflight-report.ts';
import { publicCampaign } from '../output/public-campaign.ts';
import { describeCampaign } from '../output/summary.ts';
import { host, interruption, say } from '../output/terminal.ts';
import { canAsk, confirm } from '../prompt/prompt.ts';
import type { CampaignFlags } from '../campaign-flags.ts';
import { followToSummary } from '../run-campaign.ts';

interface CampaignArguments {
  action: CampaignAction;
  programName: string;
  /** A path, or `@` and the name of a configured source. */
  file: string;
}

export async function runCampaignCommand(args: CampaignArguments, flags: CampaignFlags): Promise<ExitCode> {
  try {
    if (flags.dryRun !== true) return await start(args, flags);
    if (flags.testTo === undefined) return await dryRun(args, flags);
    throw new UserError(
      'INVALID_CAMPAIGN',
      '--test-to sends to customers, and --dry-run sends nothing. Omit one of them.',
    );
  } catch (error) {
    if (!isUserError(error, 'SOURCE_EMPTY')) throw error;
    say(
      flags.json === true
        ? JSON.stringify({ campaign: null, reason: error.message })
        : `Nothing to do. ${error.message}`,
    );
    return 0;
  }
}

/** Needs no credentials, because it calls no upstream. */
async function dryRun(
  { action, programName, file }: CampaignArguments,
  flags: CampaignFlags,
): Promise<ExitCode> {
  const config = loadConfig(environment());
  const program = findProgram(loadPrograms(config.files.programs), programName);
  const options = optionsOf(flags, action, config);
  const lastText =
    action === 'notify' ? await withProcess(config, ({ stores }) => lastTextOf(stores, program)) : undefined;
  const { path } = await resolveInputFile(file, {
    config,
    purpose: { program, action, guards: options.guards },
    again: flags.again === true,
  });
  const found = await preflight(
    { config, program, action, file: path, options, nameOf: flagOf },
    { lastText },
  );
  say(
    flags.json === true
      ? JSON.stringify(publicPreflight(found))
      : describePreflight(found, { ...config.passmachine, sendingRate: options.guards?.sendingRate }),
  );
  return found.rejected > 0 ? 1 : 0;
}

async function start(
  { action, programName, file }: CampaignArguments,
  flags: CampaignFlags,
): Promise<ExitCode> {
  const config = loadConfig({ ...environment(), need: ['passmachine', 'bloomreach'] });
  const programsFile = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const program = findProgram(programsFile.programs, programName);
  const options = optionsOf(flags, action, config);
  const again = flags.again === true;
  const { wipeOldData = false, repairStore = false } = flags;
  if (wipeOldData || repairStore) await withProcess(config, async () => {}, { wipeOldData, repairStore });
  const { path, from, taken } = await resolveInputFile(file, {
    config,
    purpose: { program, action, guards: options.guards },
    again,
  });
  const request: CampaignRequest = {
    config,
    program,
    action,
    file: path,
    ...(from !== undefined && { from }),
    options,
    nameOf: flagOf,
  };
  const { testTo } = flags;
  const order =
    testTo === undefined ? await prepareCampaign(request) : await prepareTestSend(request, testTo.split(','));
  const notice = flags.json === true ? host.say : say;
  for (const warning of await headWarnings(request)) notice(`! ${describeWarning(warning)}`);
  const { confirmAbove } = config.campaigns;
  // Without a terminal there is no operator to ask.
  if (flags.yes !== true && canAsk() && (await hasMoreRows(order, config, confirmAbove))) {
    if (!(await confirm(`${file} has more than ${confirmAbove} rows. Start ${action} with all of them?`))) {
      say('Nothing was sent.');
      return 2;
    }
  }

  return withProcess(config, async (passbridge) => {
    const { stores } = passbridge;
    await startCampaign(stores, {
      order,
      program,
      take:
        testTo !== undefined || from === undefined || taken === undefined
          ? undefined
          : { source: from, ...taken, again },
      startedBy: { kind: 'operator', context: localAction(flags.reason) },
    });
    const planned = order.startAt === undefined ? undefined : await stores.campaigns.find(order.id);
    if (planned !== undefined) {
      say(
        flags.json === true
          ? JSON.stringify({ campaign: publicCampaign(planned) })
          : describeCampaign(planned),
      );
      const feeders = await stores.campaignQueue.feeders();
      if (feeders === 0) notice('No feeder is running: the campaign starts only while `passbridge up` runs.');
      return 0;
    }
    if (flags.detach !== true) {
      const signal = interruption();
      const { json } = flags;
      return followToSummary({ passbridge, config, file: programsFile, campaign: order.id, signal, json });
    }
    const { id, expected } = order;
    say(
      flags.json === true
        ? JSON.stringify({ campaign: { id, ...(expected !== undefined && { expected }) } })
        : `${id}: started${expected === undefined ? '' : ` with ${expected} rows`}`,
    );
    const workers = await stores.passQueue.workers();
    if (workers === 0) notice('No worker is running: the campaign continues when `passbridge up` runs.');
    return 0;
  });
}

/** Returns the campaign options of the flags. Throws a {@link UserError} that lists every problem. */
export function optionsOf(
  flags: CampaignFlags,
  action: CampaignAction,
  { campaigns }: Config,
): CampaignOptions {
  const parsed = parseOptions(flags, { action, timeZone: campaigns.timeZone, nameOf: flagOf });
  if (parsed.ok) return parsed.options;
  throw new UserError('INVALID_CAMPAIGN', problemLines(parsed.problems, flagOf).join('\n'));
}

/** Throws a {@link ConfigError} that lists the programs of the file. */
export function findProgram(programs: Programs, name: string): Program {
  const program = programs.get(name);
  if (program !== undefined) return program;
  const names = [...programs.keys()];
  throw new ConfigError('The command', [
    `there is no program ${name}${didYouMean(name, names) || '.'} The programs file has: ${names.join(', ')}`,
  ]);
}
