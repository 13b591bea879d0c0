/** The rows of a campaign that are not done, with their columns and results, as a table. */

import {
  type RowResult,
  type RowResultState,
  type Source,
  type SourceRow,
} from '../../domain/campaigns/source-row.ts';
import { skipReasons } from '../../domain/jobs/outcome.ts';
import { customerKey } from '../../domain/jobs/pass-job.ts';
import { UserError } from '../../kit/user-error.ts';
import type { Stores } from '../stores.ts';
import { makeCampaignFileOpener, sourceProblem } from './files/campaign-file.ts';

type Cells = readonly string[];

/** Columns added to those of the source. In a campaign started with the table they are unused attributes. */
const ADDED = ['row', 'customer', 'state', 'code', 'answer', 'attempts'].map((name) => `passbridge_${name}`);

interface ResultRow {
  row: SourceRow;
  result: RowResult;
}

/**
 * Yields a header and then the rows in the given states, in the order of the source and with its columns,
 * so that the table can be used as a source. Holds one chunk of rows in memory. Throws a {@link UserError}.
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
      `There is no campaign ${id}. \`passbridge status\` lists the campaigns.`,
    );
  }
  try {
    const source = await makeCampaignFileOpener(options.idTypes)(campaign);
    const results = await rowResults.open(campaign);
    const selected = () => rowsWithResult(source, results, options.states);
    const columns = (source.columns ?? (await columnsIn(selected()))).filter((name) => !ADDED.includes(name));
    yield [...columns, ...ADDED];
    for await (const row of selected()) yield cellsOf(row, columns);
  } catch (error) {
    const problem = sourceProblem(error);
    if (problem === undefined) throw error;
    throw new UserError(
      'RESULTS_UNAVAILABLE',
      `${problem}\nWithout the file: passbridge failures --campaign ${id} --csv`,
    );
  }
}

async function* rowsWithResult(
  source: Source,
  resultsBetween: (from: number, to: number) => Promise<Map<number, RowResult>>,
  states: readonly RowResultState[],
): AsyncGenerator<ResultRow> {
  for await (const chunk of source.rows()) {
    const [first, last] = [chunk[0]?.number, chunk.at(-1)?.number];
    if (first === undefined || last === undefined) continue;
    const results = await resultsBetween(first, last);
    for (const row of chunk) {
      const result = results.get(row.number);
      if (result !== undefined && states.includes(result.state) && !isForgotten(result))
        yield { row, result };
    }
  }
}

/** The table is passed on and sent again, so it must not contain forgotten customers. */
function isForgotten(result: RowResult): boolean {
  return result.state === 'skipped' && result.reason === 'forgotten';
}

/** Returns every name that some row has, in order of first occurrence. */
async function columnsIn(rows: AsyncIterable<ResultRow>): Promise<string[]> {
  const names = new Set<string>();
  for await (const { row } of rows) {
    if (!row.ok) continue;
    const { ids, attributes } = row.customer;
    for (const name of [...Object.keys(ids), ...Object.keys(attributes)]) names.add(name);
  }
  return [...names];
}

function cellsOf({ row, result }: ResultRow, columns: readonly string[]): Cells {
  const values = row.ok ? { ...row.customer.attributes, ...row.customer.ids } : {};
  const [code, answer, attempts] = resultCells(result);
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

function resultCells(result: RowResult): [code: string, answer: string, attempts: string] {
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

/** Writes values that are not text in the source, as in JSON exports, as JSON. */
function cell(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
