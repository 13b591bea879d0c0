/** Declares `passbridge audit` and `passbridge audit verify`. */

import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.ts';
import { atLeastOne, entryHash } from './flag-values.ts';

/** Adds the commands; `ended` takes the exit code of the one that ran. */
export function declareAuditCommands(program: Command, ended: (code: ExitCode) => void): void {
  const audit = program.command('audit').description('who changed what, when and why');

  audit
    .command('list', { isDefault: true })
    .description('what people changed, newest first')
    .option('--on <what>', 'done to this, e.g. the id of a campaign')
    .option('--by <person>', 'done by this person')
    .option('--limit <n>', 'so many', atLeastOne, 50)
    .option('--json', 'for machines')
    .action(async (options: { on?: string; by?: string; limit: number; json?: boolean }) => {
      const { list } = await import('./audit.ts');
      ended(await list({ ...options, json: options.json === true }));
    });

  audit
    .command('verify')
    .description('whether any entry was changed, removed or inserted since it was written')
    .option(
      '--expect <hash>',
      'a head that was kept elsewhere: finds a chain that was cut or forged',
      entryHash,
    )
    .action(async ({ expect }: { expect?: string }) => {
      const { verify } = await import('./audit.ts');
      ended(await verify(expect));
    });
}
