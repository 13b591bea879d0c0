/**
 * The command line: names every command and turns what goes wrong into a message and an exit code. What a
 * command does is loaded when it runs: all of them together take half a second.
 */

import { Command, CommanderError } from 'commander';
import { packageVersion } from '../services/programs/examples.ts';
import { ConfigError } from '../config/config-error.ts';
import { UserError } from '../kit/user-error.ts';
import { PrivateRedisError } from '../kit/private-redis/private-redis-error.ts';
import { Interrupted } from './prompt/ask.ts';
import { declareAuditCommands } from './commands/audit-commands.ts';
import { declareCampaignCommands } from './commands/campaign-commands.ts';
import type { ExitCode } from './exit-code.ts';
import { declareFailureCommands } from './commands/failure-commands.ts';
import { declareFirstRunCommands } from './commands/first-run-commands.ts';
import { declareOperatorCommands } from './commands/operator-commands.ts';
import { declareCustomerCommands } from './commands/customer-commands.ts';
import { declarePresetCommands } from './commands/preset-commands.ts';
import { declareRunningCommands } from './commands/running-commands.ts';
import { declareScheduleCommands } from './commands/schedule-commands.ts';
import { isReaderGone, outliveReaders } from './output/terminal.ts';

/** Runs one command; resolves with the exit code once everything it started has stopped. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0;
  outliveReaders();
  const program = new Command('passbridge')
    .description(
      'Wallet cards from Bloomreach segments: issued at Passmachine, written back to the customers.',
    )
    .version(packageVersion(), '-V, --version', 'print which version this is')
    .exitOverride()
    .showHelpAfterError('(see passbridge --help)');

  const end = (ended: ExitCode) => {
    code = ended;
  };
  declareFirstRunCommands(program, end);
  declareCampaignCommands(program, end);
  declareFailureCommands(program, end);
  declareCustomerCommands(program, end);
  declareRunningCommands(program, end);
  declareScheduleCommands(program, end);
  declareAuditCommands(program, end);
  declareOperatorCommands(program, end);
  declarePresetCommands(program, end);

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
  if (error instanceof Interrupted) return 130;
  if (isReaderGone(error)) return 0;
  const userErrors = [UserError, ConfigError, PrivateRedisError];
  if (!(error instanceof Error) || !userErrors.some((kind) => error instanceof kind)) throw error;
  process.stderr.write(`${error.message}\n`);
  return 2;
}
