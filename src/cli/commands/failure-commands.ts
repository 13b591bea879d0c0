/** Declares `passbridge failures`, `retry` and `results`. */

import { type Command, Option } from 'commander';
import { type RowResultState, rowResultStates } from '../../domain/campaigns/row-result.ts';
import type { ExitCode } from '../exit-code.ts';

/** Adds the commands; `ended` takes the exit code of the one that ran. */
export function declareFailureCommands(program: Command, ended: (code: ExitCode) => void): void {
  program
    .command('failures')
    .description('what failed, by cause, with what to do about it')
    .option('--campaign <id>', 'of one campaign only')
    .option('--code <code>', 'one cause, or the beginning of some, e.g. PM_UNKNOWN')
    .option('--csv', 'row by row, as CSV')
    .action(async ({ campaign, code: cause, csv }: { campaign?: string; code?: string; csv?: boolean }) => {
      const { failures } = await import('./failures.ts');
      ended(await failures({ campaign, code: cause }, { csv: csv === true }));
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
      const { retry } = await import('./retry.ts');
      ended(await retry({ campaign, code: cause }, { unknown: unknown === true, detach: detach === true }));
    });

  program
    .command('results')
    .description('the rows of a campaign that are not done, as CSV that can be sent again')
    .argument('<campaign>', 'its id')
    .addOption(
      new Option('--state <states...>', 'which of them')
        .choices(rowResultStates)
        .default(['rejected', 'failed', 'unknown', 'skipped']),
    )
    .action(async (campaign: string, { state }: { state: RowResultState[] }) => {
      const { results } = await import('./results.ts');
      ended(await results(campaign, state));
    });
}
