/** The rows of a campaign that are not done, as they stood in its source and with what became of them. */

import { UserError } from '../../kit/user-error.ts';
import { skipReasons } from '../../domain/jobs/outcome.ts';
import { customerKey } from '../../domain/jobs/pass-job.ts';
import type { RowResult, RowResultState } from '../../domain/campaigns/row-result.ts';
import type { Source, SourceRow } from '../../domain/campaigns/source-row.ts';
import { faultOfSource, makeCampaignFileOpener } from './files/campaign-file.ts';
import type { Stores } from '../stores.ts';

type Cells = readonly string[];

/** Columns that are added to those of the source; feeding the table back, they are attributes that nobody uses. */
const ADDED = ['row', 'customer', 'state', 'code', 'answer', 'attempts'].map((name) => `passbridge_${name}`);

interface Fated {
  row: SourceRow;
  result: RowResult;
}

/**
 * A header and then the rows in the chosen states, in the order of the source and with its columns,
 * so that the table is a source itself. Needs memory for a chunk of rows. Throws a {@link UserError}.
 */
export async function* resultsOf(
  { campaigns, rowResults }: Pick<Stores, 'campaigns' | 'rowResults'>,
  id: string,
  options: { states: readonly RowResultState[]; idTypes: readonly string[] },
): AsyncGenerator<Cells> {
  const campaign = await campaigns.find(id);
  if (campaign === undefined) {
    throw new UserError(
      'RESULTS_UNAVAILABLE',
      `There is no campaign ${id}. \`passbridge status\` lists those there are.`,
    );
  }
  try {
    const source = await makeCampaignFileOpener(options.idTypes)(campaign);
    const results = await rowResults.open(campaign);
    const chosen = () => rowsWithResult(source, results, options.states);
    const columns = (source.columns ?? (await columnsIn(chosen()))).filter((name) => !ADDED.includes(name));
    yield [...columns, ...ADDED];
    for await (const row of chosen()) yield cellsOf(row, columns);
  } catch (error) {
    const fault = faultOfSource(error);
    if (fault === undefined) throw error;
    throw new UserError(
      'RESULTS_UNAVAILABLE',
      `${fault}\nWithout it: passbridge failures --campaign ${id} --csv`,
    );
  }
}

async function* rowsWithResult(
  source: Source,
  rowResultsOf: (from: number, to: number) => Promise<Map<number, RowResult>>,
  states: readonly RowResultState[],
): AsyncGenerator<Fated> {
  for await (const chunk of source.rows()) {
    const [first, last] = [chunk[0]?.number, chunk.at(-1)?.number];
    if (first === undefined || last === undefined) continue;
    const rowResults = await rowResultsOf(first, last);
    for (const row of chunk) {
      const result = rowResults.get(row.number);
      if (result !== undefined && states.includes(result.state) && !isForgotten(result))
        yield { row, result };
    }
  }
}

/** The table is there to be sent again, and to be passed on: whoever was forgotten is not in it. */
function isForgotten(result: RowResult): boolean {
  return result.state === 'skipped' && result.reason === 'forgotten';
}

/** Every name that some row has, in the order in which they turn up. */
async function columnsIn(rows: AsyncIterable<Fated>): Promise<string[]> {
  const names = new Set<string>();
  for await (const { row } of rows) {
    if (!row.ok) continue;
    const { ids, attributes } = row.customer;
    for (const name of [...Object.keys(ids), ...Object.keys(attributes)]) names.add(name);
  }
  return [...names];
}

function cellsOf({ row, result }: Fated, columns: readonly string[]): Cells {
  const values = row.ok ? { ...row.customer.attributes, ...row.customer.ids } : {};
  const [code, answer, attempts] = told(result);
  return [
    ...columns.map((name) => cell(values[name])),
    String(row.number),
    row.ok ? customerKey(row.customer) : '',
    result.state,
    code,
    answer,
    attempts,
  ];
}

function told(result: RowResult): [code: string, answer: string, attempts: string] {
  switch (result.state) {
    case 'skipped':
      return [result.reason, skipReasons[result.reason], ''];
    case 'stopped':
    case 'pending':
      return ['', '', ''];
    case 'rejected':
    case 'failed':
    case 'unknown':
      return [result.failure.code, answerOf(result), result.attempts?.toString() ?? ''];
  }
}

function answerOf({ failure, discard }: Extract<RowResult, { failure: unknown }>): string {
  return discard === undefined
    ? failure.detail
    : `${failure.detail} (discarded by ${discard.by}: ${discard.reason})`;
}

/** What is not text in the source, as in JSON, is written as JSON. */
function cell(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
