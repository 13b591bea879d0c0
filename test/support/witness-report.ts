/** Compares a campaign over `goodCustomers` with the calls that the sandbox's witness recorded. */

import { parse } from 'csv-parse/sync';
import { expect, type TestContext } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { Ended } from './cli.ts';
import { eventually } from './eventually.ts';
import { WITNESS_REPORT } from './witness-reporter.ts';

interface Campaigns {
  campaigns: { id: string; pending: number; done: number; unknown: number; rows: number }[];
}

interface ReportOptions {
  sandbox: Pick<Sandbox, 'witness'>;
  /** Rows of the only campaign: customers `c-1` to `c-{rows}`. */
  rows: number;
  run: (args: readonly string[]) => Promise<Ended>;
}

/**
 * Waits until the campaign has ended. A row that passbridge reports as unknown counts as neither lost nor duplicated:
 * an operator decides about it.
 */
export async function readWitnessReport({ sandbox, rows, run }: ReportOptions) {
  const campaign = await eventually(async () => {
    const { campaigns } = JSON.parse((await run(['status', '--json'])).stdout) as Campaigns;
    expect(campaigns).toMatchObject([{ rows, pending: 0 }]);
    return campaigns[0]!;
  });
  const { stdout } = await run(['results', campaign.id, '--state', 'unknown']);
  const reported = parse<{ registered: string }>(stdout, { columns: true, bom: true });
  const unknown = new Set(reported.map(({ registered }) => registered));
  const cards = sandbox.witness.createsApplied();
  const customers = Array.from({ length: rows }, (_, index) => `c-${index + 1}`);
  return {
    rows,
    done: campaign.done,
    unknown: unknown.size,
    cards: cards.size,
    lost: customers.filter((customer) => !cards.has(customer) && !unknown.has(customer)),
    duplicated: sandbox.witness.doubles(),
    maxInFlight: sandbox.witness.maxInFlight('all'),
  };
}

export type WitnessReport = Awaited<ReturnType<typeof readWitnessReport>>;

/** Adds the report to the output of the test run, whether the test passes or fails. */
export async function annotateReport(
  { annotate }: TestContext,
  scenario: string,
  report: WitnessReport,
  suffix = '',
): Promise<void> {
  const { rows, done, unknown, lost, duplicated, maxInFlight } = report;
  const counts = `${rows} rows, ${done} done, ${unknown} unknown, ${lost.length} lost, ${duplicated.length} duplicated`;
  await annotate(`${scenario}: ${counts}, at most ${maxInFlight} calls in flight${suffix}`, WITNESS_REPORT);
}
