/** `passbridge failures`: failures by cause, or row by row as CSV. */

import { jobIdOf, rowOf } from '../../domain/failures/failed.ts';
import type { FoundFailure } from '../../domain/failures/failure-group.ts';
import type { FailureCount } from '../../domain/failures/failure.ts';
import { customerKey } from '../../domain/jobs/pass-job.ts';
import type { Selection } from '../../services/failures/selection.ts';
import { type DeclareCommand, type ExitCode, flavorOf, spreadsheetFlag, withPassbridge } from '../command.ts';
import { publicCauses } from '../output/public-campaign.ts';
import { describeCauses } from '../output/summary.ts';
import { print, say } from '../output/terminal.ts';

interface FailuresFlags extends Selection {
  json?: true;
  csv?: true;
  spreadsheet?: true;
}

export const declareFailures: DeclareCommand = (program, ended) => {
  program
    .command('failures')
    .description('show failures by cause, with what each means and what to do')
    .option('--campaign <id>', 'only failures of this campaign')
    .option('--code <code>', 'only this code, or codes that start with it, e.g. PM_UNKNOWN')
    .option('--csv', 'print one line per row as CSV, exactly')
    .option(...spreadsheetFlag)
    .option('--json', 'print the causes as JSON')
    .action(async (flags: FailuresFlags) => ended(await failures(flags)));
};

async function failures({ csv, spreadsheet, json, ...selection }: FailuresFlags): Promise<ExitCode> {
  const { csvHeader, csvLine } = await import('../../kit/text/csv-lines.ts');
  const isTable = csv === true || spreadsheet === true;
  const flavor = flavorOf(spreadsheet);
  const { failuresOf } = await import('../../services/failures/selection.ts');
  return withPassbridge([], async ({ stores }) => {
    if (isTable) print(csvHeader(flavor, columns));
    const counts = new Map<string, FailureCount>();
    for await (const found of failuresOf(stores, selection)) {
      if (isTable) print(csvLine(flavor, cells(found)));
      else count(counts, found);
    }
    if (isTable) return 0;
    const causes = [...counts.values()];
    say(
      json === true
        ? JSON.stringify({ causes: publicCauses(causes) })
        : describeCauses(causes) || 'No failures.',
    );
    return 0;
  });
}

const columns = ['campaign', 'row', 'job', 'customer', 'code', 'attempts', 'at', 'detail'];

function cells({ campaign, record }: FoundFailure): (string | number)[] {
  const { failure, at } = record;
  return [
    campaign,
    rowOf(record),
    jobIdOf(record) ?? '',
    'job' in record ? customerKey(record.job.customer) : '',
    failure.code,
    'attempts' in record ? record.attempts : '',
    new Date(at).toISOString(),
    failure.detail,
  ];
}

/** Rows shown per cause. */
const MAX_EXAMPLES = 3;

function count(counts: Map<string, FailureCount>, { record }: FoundFailure): void {
  const { code, detail } = record.failure;
  const cause = counts.get(code) ?? { code, count: 0, examples: [] };
  cause.count += 1;
  if (cause.examples.length < MAX_EXAMPLES) cause.examples.push({ row: rowOf(record), detail });
  counts.set(code, cause);
}
