/** `passbridge failures`: what failed, by cause for people or row by row as CSV. */

import { stringify } from 'csv-stringify/sync';
import { failuresOf, type Selection } from '../../services/failures/selection.ts';
import { openProcess } from '../../app/process.ts';
import { loadConfig } from '../../config/load.ts';
import { rowOf } from '../../domain/failures/failed.ts';
import type { FoundFailure } from '../../domain/failures/failure-group.ts';
import type { FailureCount } from '../../domain/failures/failure.ts';
import { customerKey } from '../../domain/jobs/pass-job.ts';
import type { ExitCode } from '../exit-code.ts';
import { describeCauses } from '../output/summary.ts';
import { host, makeFileLogger, say } from '../output/terminal.ts';

const columns = ['campaign', 'row', 'customer', 'code', 'attempts', 'at', 'detail'];

export async function failures(selection: Selection, { csv }: { csv: boolean }): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    if (csv) process.stdout.write(stringify([columns]));
    const tally = new Map<string, FailureCount>();
    for await (const found of failuresOf(passbridge.stores, selection)) {
      if (csv) process.stdout.write(stringify([cells(found)]));
      else count(tally, found);
    }
    if (!csv) say(describeCauses([...tally.values()]) || 'Nothing failed.');
    return 0;
  } finally {
    await passbridge.close();
  }
}

function cells({ campaign, record }: FoundFailure): (string | number)[] {
  const customer = 'job' in record ? customerKey(record.job.customer) : '';
  const attempts = 'attempts' in record ? record.attempts : '';
  const { failure, at } = record;
  return [
    campaign,
    rowOf(record),
    customer,
    failure.code,
    attempts,
    new Date(at).toISOString(),
    failure.detail,
  ];
}

/** Rows that are named for each cause. */
const EXAMPLES = 3;

function count(tally: Map<string, FailureCount>, { record }: FoundFailure): void {
  const { code, detail } = record.failure;
  const cause = tally.get(code) ?? { code, count: 0, examples: [] };
  cause.count += 1;
  if (cause.examples.length < EXAMPLES) cause.examples.push({ row: rowOf(record), detail });
  tally.set(code, cause);
}
