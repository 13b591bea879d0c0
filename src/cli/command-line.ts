/** The command line: names every command and turns what goes wrong into a message and an exit code. */

import { Command, CommanderError, Option } from 'commander';
import { FetchRefused } from '../app/sources/fetch-refused.ts';
import { CampaignRefused } from '../app/fitting.ts';
import { ControlRefused } from '../app/control.ts';
import { SelectionRefused } from '../app/failures.ts';
import { LimitRefused } from '../app/limits.ts';
import { FaultsRefused } from '../app/rehearsal.ts';
import { ResultsRefused } from '../app/results.ts';
import { ScheduleRefused } from '../app/schedules/schedules.ts';
import { RedisRefused } from '../app/stores.ts';
import { ConfigError } from '../config/config-error.ts';
import type { CampaignAction } from '../job/campaign.ts';
import { type RowFateState, rowFateStates } from '../job/row-fate.ts';
import { PrivateRedisError } from '../kit/private-redis/private-redis-error.ts';
import { type CampaignFlags, declareCampaignFlags } from './campaign-flags.ts';
import { halt, resume } from './control.ts';
import { demo } from './demo.ts';
import type { ExitCode } from './exit-code.ts';
import { failures } from './failures.ts';
import { find } from './find.ts';
import { wholeNumber } from './flag-values.ts';
import { limits } from './limits.ts';
import { missing } from './missing.ts';
import { results } from './results.ts';
import { retry } from './retry.ts';
import { sandbox } from './sandbox.ts';
import { declareScheduleCommands } from './schedule-commands.ts';
import { startCampaign } from './start-campaign.ts';
import { status } from './status.ts';
import { type Role, up } from './up.ts';

const actions: Readonly<Record<CampaignAction, string>> = {
  issue: 'issue cards to the customers of an export who have none',
  reissue: 'make a new card in place of each that the customers of an export have',
  update: 'fill the cards of the customers of an export with their data of now',
  notify: 'ring the phones of the customers of an export with a text',
};

const halts = [
  ['pause', 'paused', 'send nothing more of a campaign until it is resumed'],
  ['stop', 'stopped', 'end a campaign; who was not reached is counted as stopped'],
] as const;

/** Runs one command; resolves with the exit code once everything it started has stopped. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = new Command('passbridge')
    .description(
      'Wallet cards from Bloomreach segments: issued at Passmachine, written back to the customers.',
    )
    .exitOverride()
    .showHelpAfterError('(see passbridge --help)');

  program
    .command('demo')
    .description('watch a bundled segment become cards, against a stand-in Passmachine and Bloomreach')
    .option('--once', 'exit after the summary instead of staying up')
    .action(async (options: { once?: boolean }) => {
      code = await demo({ once: options.once === true });
    });

  for (const [action, description] of Object.entries(actions)) {
    const command = program
      .command(action)
      .description(description)
      .argument('<program>', 'a program of the programs file')
      .argument('<file>', 'the export: CSV, JSON Lines or native_json, gzip or not; or @SOURCE');
    declareCampaignFlags(command, action as CampaignAction);
    command.action(async (name: string, file: string, flags: CampaignFlags) => {
      code = await startCampaign({ action: action as CampaignAction, name, file }, flags);
    });
  }

  const missingCommand = program
    .command('missing')
    .description('who of a segment has no card, or one that is gone, or two')
    .argument('<program>', 'a program of the programs file')
    .argument('<file>', 'the segment: a file, or @SOURCE')
    .option('--csv', 'a line for each of them')
    .option('--issue', 'make the cards: a new one for who has none, another for who has one that is gone');
  declareCampaignFlags(missingCommand, 'issue');
  missingCommand.action(async (name: string, file: string, flags: Parameters<typeof missing>[2]) => {
    code = await missing(name, file, flags);
  });

  program
    .command('up')
    .description('run in the background: work the queue, feed campaigns, serve HTTP')
    .addOption(
      new Option('--role <role>', 'what this process does')
        .choices(['all', 'web', 'worker', 'feeder'])
        .default('all'),
    )
    .action(async ({ role }: { role: Role }) => {
      code = await up(role);
    });

  program
    .command('status')
    .description('campaigns and their counters')
    .argument('[campaign]', 'one campaign, with its causes of failure')
    .option('--json', 'for machines')
    .action(async (campaign: string | undefined, options: { json?: boolean }) => {
      code = await status(campaign, { json: options.json === true });
    });

  for (const [name, to, description] of halts) {
    program
      .command(name)
      .description(description)
      .argument('<campaign>', 'its id')
      .option('--reason <text>', 'shown with the campaign')
      .action(async (campaign: string, options: { reason?: string }) => {
        code = await halt(campaign, to, options);
      });
  }

  program
    .command('resume')
    .description('let a campaign that is held, paused or stopped go on where it stood')
    .argument('<campaign>', 'its id')
    .option('--detach', 'leave it to `passbridge up`')
    .action(async (campaign: string, options: { detach?: boolean }) => {
      code = await resume(campaign, { detach: options.detach === true });
    });

  program
    .command('failures')
    .description('what failed, by cause, with what to do about it')
    .option('--campaign <id>', 'of one campaign only')
    .option('--code <code>', 'one cause, or the beginning of some, e.g. PM_UNKNOWN')
    .option('--csv', 'row by row, as CSV')
    .action(async ({ campaign, code: cause, csv }: { campaign?: string; code?: string; csv?: boolean }) => {
      code = await failures({ campaign, code: cause }, { csv: csv === true });
    });

  program
    .command('retry')
    .description('send again what failed, each once, with fresh attempts')
    .option('--campaign <id>', 'of one campaign only')
    .option('--code <code>', 'one cause, or the beginning of some')
    .option('--unknown', 'also creates that may have been made: each could become a second card')
    .option('--detach', 'leave it to `passbridge up`')
    .action(async (options: { campaign?: string; code?: string; unknown?: boolean; detach?: boolean }) => {
      const { campaign, code: cause, unknown, detach } = options;
      code = await retry({ campaign, code: cause }, { unknown: unknown === true, detach: detach === true });
    });

  program
    .command('results')
    .description('the rows of a campaign that are not done, as CSV that can be sent again')
    .argument('<campaign>', 'its id')
    .addOption(
      new Option('--state <states...>', 'which of them')
        .choices(rowFateStates)
        .default(['rejected', 'failed', 'unknown', 'skipped']),
    )
    .action(async (campaign: string, { state }: { state: RowFateState[] }) => {
      code = await results(campaign, state);
    });

  program
    .command('find')
    .description('one customer, and what became of them lately')
    .argument('<text>', 'e-mail, customer id or card id')
    .option('--json', 'for machines')
    .action(async (text: string, options: { json?: boolean }) => {
      code = await find(text, { json: options.json === true });
    });

  program
    .command('limits')
    .description('the limits on calls to Passmachine, and setting them for every running process')
    .option('--in-flight <n>', 'calls under way at once, up to PASSMACHINE_MAX_IN_FLIGHT', wholeNumber)
    .option('--per-second <n>', 'calls started per second', wholeNumber)
    .addOption(new Option('--reset', 'back to the configured ones').conflicts(['inFlight', 'perSecond']))
    .option('--json', 'for machines')
    .action(async (options: { inFlight?: number; perSecond?: number; reset?: boolean; json?: boolean }) => {
      const { inFlight, perSecond, reset, json } = options;
      code = await limits({ inFlight, perSecond, reset: reset === true, json: json === true });
    });

  declareScheduleCommands(program, (ended) => {
    code = ended;
  });

  program
    .command('sandbox')
    .description('run the stand-in Passmachine and Bloomreach alone, for rehearsals')
    .option('--port <port>', 'port on 127.0.0.1, 0 for a free one', wholeNumber, 4010)
    .option('--latency <ms>', 'how long each answer takes', wholeNumber, 100)
    .option('--fault <rules...>', 'scripted faults, e.g. create:500x3')
    .action(async (options: { port: number; latency: number; fault?: string[] }) => {
      code = await sandbox({ port: options.port, latencyMs: options.latency, faults: options.fault ?? [] });
    });

  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    return explain(error);
  }
}

/** Errors with a message for a person end in 2; anything else is a bug and shows where it is. */
function explain(error: unknown): ExitCode {
  // commander has printed its own message by then.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const forPeople = [
    ConfigError,
    ControlRefused,
    FaultsRefused,
    FetchRefused,
    LimitRefused,
    RedisRefused,
    ResultsRefused,
    ScheduleRefused,
    SelectionRefused,
    CampaignRefused,
    PrivateRedisError,
  ];
  if (!(error instanceof Error) || !forPeople.some((kind) => error instanceof kind)) throw error;
  process.stderr.write(`${error.message}\n`);
  return 2;
}
