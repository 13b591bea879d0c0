/** Declares `passbridge find` and `forget`. */

import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.ts';
import type { ForgetFlags } from './forget.ts';

/** Adds the commands; `ended` takes the exit code of the one that ran. */
export function declareCustomerCommands(program: Command, ended: (code: ExitCode) => void): void {
  program
    .command('find')
    .description('one customer, and what happened to them lately')
    .argument('<text>', 'e-mail, customer id, card id or job id')
    .option('--json', 'for machines')
    .action(async (text: string, options: { json?: boolean }) => {
      const { find } = await import('./find.ts');
      ended(await find(text, { json: options.json === true }));
    });

  program
    .command('forget')
    .description('erase a person from everything that passbridge keeps')
    .argument('<customer>', 'e-mail, customer id or card id')
    .option('--yes', 'without a question')
    .option('--also-marks', 'forget as well that they have a card: a later campaign may make a second one')
    .option('--files', 'delete fetched and uploaded files that hold them, where no campaign needs them')
    .option('--reason <text>', 'written into the audit for good: name nobody')
    .option('--json', 'for machines')
    .action(async (text: string, options: Partial<ForgetFlags>) => {
      const { yes, alsoMarks, files, reason, json } = options;
      const { forget } = await import('./forget.ts');
      ended(
        await forget(text, {
          yes: yes === true,
          alsoMarks: alsoMarks === true,
          files: files === true,
          reason,
          json: json === true,
        }),
      );
    });
}
