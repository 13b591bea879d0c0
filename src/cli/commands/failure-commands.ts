/** Declares `passbridge retry`. */

import type { DeclareCommand } from '../command.ts';
import type { RetryFlags } from './retry.ts';

export const declareFailureCommands: DeclareCommand = (program, ended) => {
  program
    .command('retry')
    .description('retry failures, each once, with a new set of attempts')
    .option('--campaign <id>', 'only failures of this campaign')
    .option('--code <code>', 'only this failure code, or codes that start with it, e.g. PM_UNKNOWN')
    .option('--unknown', 'also retry creates that may have made a card: each could make a second one')
    .option('--detach', 'leave the work to `passbridge up`')
    .option('--reason <text>', 'recorded in the audit')
    .action(async (flags: RetryFlags) => {
      const { runRetryCommand } = await import('./retry.ts');
      ended(await runRetryCommand(flags));
    });
};
