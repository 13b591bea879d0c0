/** The command line: declares every command, and turns errors into a message and an exit code. */

import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { replacementFlag } from '../config/retired-names.ts';
import { PrivateRedisError } from '../kit/private-redis/location.ts';
import { describeRefusal, explainRefusal } from '../kit/redis/refusal.ts';
import { UserError } from '../kit/user-error.ts';
import { packageVersion } from '../kit/runtime/package-files.ts';
import type { DeclareCommand, ExitCode } from './command.ts';
import { addExamples } from './command-examples.ts';
import { declareAudit } from './commands/audit.ts';
import { declareCampaignCommands } from './commands/campaign-commands.ts';
import { declareCampaignControl } from './commands/campaign-control.ts';
import { declareBackup } from './commands/backups/backup.ts';
import { declareRestore } from './commands/backups/restore.ts';
import { declareReconcile } from './commands/backups/reconcile.ts';
import { declareDemo } from './commands/demo.ts';
import { declareDiff } from './commands/programs/diff.ts';
import { declareDoctor } from './commands/doctor.ts';
import { declareFailures } from './commands/failures.ts';
import { declareFind } from './commands/find.ts';
import { declareForget } from './commands/forget.ts';
import { declareImportPreset } from './commands/programs/import-preset.ts';
import { declareInit } from './commands/init.ts';
import { declareLimits } from './commands/limits.ts';
import { declareOperators } from './commands/operators.ts';
import { declareResolve } from './commands/resolve.ts';
import { declareResults } from './commands/results.ts';
import { declareRetry } from './commands/retry.ts';
import { declareSandbox } from './commands/sandbox.ts';
import { declareSchedules } from './commands/schedules.ts';
import { declareStatus } from './commands/status.ts';
import { declareUp } from './commands/up.ts';
import { declareVouchers } from './commands/programs/vouchers.ts';
import { declareCompletion } from './completion/declare-completion.ts';
import { describeUnexpected } from './output/unexpected-error.ts';
import { complain, host, ignoreBrokenPipes, isBrokenPipe, print } from './output/terminal.ts';
import { Interrupted } from './prompt/prompt.ts';

/** By the heading in `--help`, in its order. */
const groups: readonly [heading: string, commands: readonly DeclareCommand[]][] = [
  [
    'Set up:',
    [
      declareInit,
      declareDoctor,
      declareImportPreset,
      declareDiff,
      declareDemo,
      declareSandbox,
      declareCompletion,
    ],
  ],
  ['Campaigns:', [declareCampaignCommands, declareStatus, declareCampaignControl, declareResults]],
  ['Failures and customers:', [declareFailures, declareRetry, declareResolve, declareFind, declareForget]],
  ['Services:', [declareUp, declareLimits, declareSchedules, declareVouchers]],
  ['Administration:', [declareBackup, declareRestore, declareReconcile, declareAudit, declareOperators]],
];

/** Declares all commands. `ended` receives the exit code of the one that runs. */
export function buildProgram(ended: (code: ExitCode) => void): Command {
  const program = new Command('passbridge')
    .description(
      'Issues, updates and notifies Passmachine wallet cards for Bloomreach segments, and writes the results back.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: print,
      writeErr: (text) => complain(text.trimEnd()),
      outputError: (text, write) => write(withReplacement(text)),
    })
    .showHelpAfterError('(see passbridge --help)');
  for (const [heading, commands] of groups) {
    program.commandsGroup(heading);
    for (const declare of commands) declare(program, ended);
  }
  // The first group is the nearest to what a reader of the help wants next.
  program.commandsGroup(groups[0]?.[0] ?? '').helpCommand('help [command]', 'display help for a command');
  addExamples(program);
  return program;
}

/** Runs one command; resolves with the exit code when everything it started has stopped, also after an error. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0;
  ignoreBrokenPipes();
  const program = buildProgram((ended) => {
    code = ended;
  });

  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    return reportError(error);
  }
}

/** Adds the new name to the error about an unknown option if that option is a retired one. */
function withReplacement(text: string): string {
  const [, flag] = /unknown option '(--[\w-]+)/.exec(text) ?? [];
  const replacement = flag === undefined ? undefined : replacementFlag(flag);
  return replacement === undefined ? text : `error: unknown option ${flag}; did you mean ${replacement}?\n`;
}

/** Prints an error and returns the exit code. */
function reportError(error: unknown): ExitCode {
  // commander has printed its own message by then.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Interrupted) return 130;
  if (isBrokenPipe(error)) return 0;
  const refusal = explainRefusal(error);
  if (refusal !== undefined) {
    host.say(describeRefusal(refusal));
    return 2;
  }
  const expected = [UserError, ConfigError, PrivateRedisError];
  if (error instanceof Error && expected.some((kind) => error instanceof kind)) {
    complain(error.message);
    return 2;
  }
  const { text, code } = describeUnexpected(error);
  complain(text);
  return code;
}
