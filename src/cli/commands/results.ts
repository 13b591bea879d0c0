/** `passbridge results <campaign>`: the rows that are not done, as CSV. */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { openProcess } from '../../app/process.ts';
import { resultsOf } from '../../services/campaigns/results.ts';
import { loadConfig } from '../../config/load.ts';
import type { RowResultState } from '../../domain/campaigns/row-result.ts';
import type { ExitCode } from '../exit-code.ts';
import { host, makeFileLogger } from '../output/terminal.ts';

export async function results(id: string, states: readonly RowResultState[]): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  const { idTypes } = config.customers;
  try {
    const rows = Readable.from(resultsOf(passbridge.stores, id, { states, idTypes }));
    await pipeline(rows, stringify(), process.stdout, { end: false });
    return 0;
  } catch (error) {
    // Whoever reads them has seen enough, e.g. `| head`.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 0;
    throw error;
  } finally {
    await passbridge.close();
  }
}
