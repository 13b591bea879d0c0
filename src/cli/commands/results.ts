/** `passbridge results <campaign>`: the rows that are not done, as CSV, or as JSON Lines if the export was JSON. */

import { Option } from 'commander';
import { type RowResultState, rowResultStates } from '../../domain/campaigns/source-row.ts';
import type { CsvFlavor } from '../../kit/text/csv-lines.ts';
import { type DeclareCommand, type ExitCode, flavorOf, spreadsheetFlag, withPassbridge } from '../command.ts';
import { isBrokenPipe, printAll } from '../output/terminal.ts';

interface ResultsFlags {
  state: RowResultState[];
  spreadsheet?: true;
}

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
    .option(...spreadsheetFlag)
    .action(async (id: string, { state, spreadsheet }: ResultsFlags) =>
      ended(await results(id, state, flavorOf(spreadsheet))),
    );
};

async function results(id: string, states: readonly RowResultState[], flavor: CsvFlavor): Promise<ExitCode> {
  const { resultsOf } = await import('../../services/campaigns/results.ts');
  return withPassbridge([], async ({ config, stores }) => {
    const { idTypes } = config.customers;
    const { lines } = await resultsOf(stores, id, { states, idTypes, flavor });
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
