/** The rows of a campaign that are not done, with their columns and results: as CSV, or as JSON Lines with their types. */

import {
  type RowResult,
  type RowResultState,
  type Source,
  type SourceRow,
} from '../../domain/campaigns/source-row.ts';
import { skipReasons } from '../../domain/jobs/outcome.ts';
import { customerKey } from '../../domain/jobs/pass-job.ts';
import { type CsvFlavor, csvHeader, csvLine } from '../../kit/text/csv-lines.ts';
import { SPREADSHEET_COLUMN } from '../../kit/text/spreadsheet-cell.ts';
import { UserError } from '../../kit/user-error.ts';
import type { Stores } from '../stores.ts';
import { makeCampaignFileOpener, sourceProblem } from './files/campaign-file.ts';

/** Names added to those of the source. In a campaign started with the results they are unused attributes. */
const ADDED = ['row', 'customer', 'state', 'code', 'answer', 'attempts'].map((name) => `passbridge_${name}`);

interface ResultRow {
  row: SourceRow;
  result: RowResult;
}

export interface Results {
  /** `jsonl` for a source of JSON, whose values have types that a CSV would lose: `"false"` is true in Jinja. */
  format: 'csv' | 'jsonl';
  /** Lines with their line end, the header first. */
  lines: AsyncGenerator<string>;
}

export interface ResultOptions {
  states: readonly RowResultState[];
  idTypes: readonly string[];
  /** Of a CSV; JSON Lines are always exact, because no spreadsheet opens them. */
  flavor: CsvFlavor;
}

/**
 * Opens the rows in the given states, in the order of the source and with its columns, so that they can be used as a
 * source. Holds one chunk of rows in memory. Throws a {@link UserError}, and so do the lines.
 */
export async function resultsOf(
  { campaigns, rowResults }: Pick<Stores, 'campaigns' | 'rowResults'>,
  id: string,
  options: ResultOptions,
): Promise<Results> {
  const campaign = await campaigns.find(id);
  if (campaign === undefined) {
    throw new UserError(
      'RESULTS_UNAVAILABLE',
      `There is no campaign ${id}. \`passbridge status\` lists the campaigns.`,
    );
  }
  const unavailable = (error: unknown): unknown => {
    const problem = sourceProblem(error);
    if (problem === undefined) return error;
    return new UserError(
      'RESULTS_UNAVAILABLE',
      `${problem}\nWithout the file: passbridge failures --campaign ${id} --csv`,
    );
  };
  try {
    const source = await makeCampaignFileOpener(options.idTypes)(campaign);
    const results = await rowResults.open(campaign);
    const rows = rowsWithResult(source, results, options.states);
    const { columns } = source;
    if (columns === undefined || source.isTyped === true)
      return { format: 'jsonl', lines: guarded(jsonLines(rows), unavailable) };
    return { format: 'csv', lines: guarded(csvLines(rows, columns, options.flavor), unavailable) };
  } catch (error) {
    throw unavailable(error);
  }
}

async function* guarded(
  lines: AsyncIterable<string>,
  unavailable: (error: unknown) => unknown,
): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    throw unavailable(error);
  }
}

async function* csvLines(
  rows: AsyncIterable<ResultRow>,
  all: readonly string[],
  flavor: CsvFlavor,
): AsyncGenerator<string> {
  const columns = all.filter((name) => !ADDED.includes(name) && name !== SPREADSHEET_COLUMN);
  yield csvHeader(flavor, [...columns, ...ADDED]);
  for await (const { row, result } of rows) {
    const values: Readonly<Record<string, unknown>> = row.ok ? valuesOf(row) : {};
    const cells = columns.map((name) => cellOf(values[name]));
    yield csvLine(flavor, [...cells, ...addedValues(row, result)]);
  }
}

async function* jsonLines(rows: AsyncIterable<ResultRow>): AsyncGenerator<string> {
  for await (const { row, result } of rows) {
    const added = addedValues(row, result).map((value, index) => [ADDED[index], value] as const);
    const values = row.ok ? Object.entries(valuesOf(row)).filter(([name]) => !ADDED.includes(name)) : [];
    yield `${JSON.stringify(Object.fromEntries([...values, ...added]))}\n`;
  }
}

/** The ids first, and never replaced by an attribute of the same name. */
function valuesOf({ customer: { ids, attributes } }: Extract<SourceRow, { ok: true }>) {
  return { ...ids, ...attributes, ...ids };
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

/** In the order of {@link ADDED}; undefined for what the row lacks. */
function addedValues(row: SourceRow, result: RowResult): (string | number | undefined)[] {
  const customer = row.ok ? customerKey(row.customer) : undefined;
  return [row.number, customer, result.state, ...resultValues(result)];
}

function resultValues(
  result: RowResult,
): [code: string | undefined, answer: string | undefined, attempts: number | undefined] {
  switch (result.state) {
    case 'skipped':
      return [result.reason, skipReasons[result.reason], undefined];
    case 'stopped':
    case 'pending':
      return [undefined, undefined, undefined];
    case 'rejected':
    case 'failed':
    case 'unknown':
      return [result.failure.code, answerOf(result), result.attempts];
  }
}

function answerOf({ failure, discard }: Extract<RowResult, { failure: unknown }>): string {
  return discard === undefined
    ? failure.detail
    : `${failure.detail} (discarded by ${discard.by}: ${discard.reason})`;
}

/** The cells of a CSV are text; empty ones are absent. */
function cellOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
