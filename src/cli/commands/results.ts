/** `passbridge results <campaign>`: the rows that are not done, as CSV, or as JSON Lines if the export was JSON. */

import { Option } from 'commander';
import { type RowResultState, rowResultStates } from '../../domain/campaigns/source-row.ts';
import { type DeclareCommand, type ExitCode, withPassbridge } from '../command.ts';
import { isBrokenPipe, printAll } from '../output/terminal.ts';

export const declareResults: DeclareCommand = (program, ended) => {
  program
    .command('results')
    .description(
      'print the rows of a campaign that are not done, as CSV or JSON Lines that can be used as an export again',
    )
    .argument('<campaign>', 'id of the campaign')
    .addOption(
      new Option('--state <states...>', 'only rows in these states')
        .choices(rowResultStates)
        .default(['rejected', 'failed', 'unknown', 'skipped']),
    )
    .action(async (id: string, { state }: { state: RowResultState[] }) => ended(await results(id, state)));
};

async function results(id: string, states: readonly RowResultState[]): Promise<ExitCode> {
  const { resultsOf } = await import('../../services/campaigns/results.ts');
  return withPassbridge([], async ({ config, stores }) => {
    const { idTypes } = config.customers;
    const { lines } = await resultsOf(stores, id, { states, idTypes });
    try {
      await printAll(lines);
      return 0;
    } catch (error) {
      // The receiving end of the pipe has closed, as with `| head`.
      if (isBrokenPipe(error)) return 0;
      throw error;
    }
  });
}
