/** What truly became of a campaign over `goodCustomers`: the witness's record beside the ledger's. */

import { parse } from 'csv-parse/sync';
import { expect, type TestContext } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { Ended } from './cli.ts';
import { eventually } from './eventually.ts';
import { VERDICT } from './verdict-reporter.ts';

interface Campaigns {
  campaigns: { id: string; pending: number; done: number; unknown: number; rows: number }[];
}

interface VerdictOptions {
  sandbox: Pick<Sandbox, 'witness'>;
  /** Of the one campaign there is: customers `c-1` to `c-{rows}`. */
  rows: number;
  run: (args: readonly string[]) => Promise<Ended>;
}

/** Waits until the campaign is over. A row that is told as unknown is neither lost nor doubled: somebody looks at it. */
export async function verdictOf({ sandbox, rows, run }: VerdictOptions) {
  const campaign = await eventually(async () => {
    const { campaigns } = JSON.parse((await run(['status', '--json'])).stdout) as Campaigns;
    expect(campaigns).toMatchObject([{ rows, pending: 0 }]);
    return campaigns[0]!;
  }, 60_000);
  const { stdout } = await run(['results', campaign.id, '--state', 'unknown']);
  const told = parse<{ registered: string }>(stdout, { columns: true, bom: true });
  const unknown = new Set(told.map(({ registered }) => registered));
  const cards = sandbox.witness.createsApplied();
  const customers = Array.from({ length: rows }, (_, index) => `c-${index + 1}`);
  return {
    rows,
    done: campaign.done,
    unknown: unknown.size,
    cards: cards.size,
    lost: customers.filter((customer) => !cards.has(customer) && !unknown.has(customer)),
    doubled: sandbox.witness.doubles(),
    maxInFlight: sandbox.witness.maxInFlight('all'),
  };
}

export type Verdict = Awaited<ReturnType<typeof verdictOf>>;

/** Has a verdict printed, be it good or bad. */
export async function tell(
  { annotate }: TestContext,
  scenario: string,
  verdict: Verdict,
  more = '',
): Promise<void> {
  const { rows, done, unknown, lost, doubled, maxInFlight } = verdict;
  const counts = `${rows} rows, ${done} done, ${unknown} unknown, ${lost.length} lost, ${doubled.length} doubled`;
  await annotate(`${scenario}: ${counts}, at most ${maxInFlight} calls at once${more}`, VERDICT);
}
