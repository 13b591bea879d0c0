/** A running campaign whose Redis master dies, and the witness's report of it. */

import { expect, type TestContext } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeStoreMarks } from '../../src/ledger/store/store-marks.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { makeWorkspace, printed } from './cli.ts';
import { goodCustomers } from './customers.ts';
import { eventually } from './eventually.ts';
import type { startSentinels } from './redis-servers.ts';
import { annotateReport, readWitnessReport, type WitnessReport } from './witness-report.ts';

/** More than fit into the queue (1,000), so that the feeder is still running when the master dies. */
export const ROWS = 1500;

/** Starts a worker, a feeder and a campaign, and waits for the first cards. */
export async function startRun(url: string, settings: Record<string, string> = {}) {
  const workspace = await makeWorkspace({ latencyMs: 50 });
  Object.assign(workspace.env, { REDIS_URL: url, ...settings });
  const worker = workspace.start(['up', '--role', 'worker']);
  const feeder = workspace.start(['up', '--role', 'feeder']);
  await Promise.all([printed(worker, /up as/), printed(feeder, /up as/)]);
  await workspace.write('all.csv', goodCustomers(ROWS));
  const campaign = workspace.start(['issue', 'loyalty', 'all.csv']);
  await eventually(() => expect(workspace.sandbox.passes.size).toBeGreaterThan(100));
  return { ...workspace, campaign };
}

/** Returns the longest time (ms) without a create after `since`, both on the witness's clock. */
function maxPauseAfter(since: number, { witness }: Pick<Sandbox, 'witness'>): number {
  const creates = witness.entries().filter(({ kind, at }) => kind === 'create' && at > since - 200);
  const gaps = creates.map(({ at }, index) => at - (creates[index - 1]?.at ?? at));
  return Math.round(Math.max(...gaps));
}

/** Waits until the campaign has ended, and returns and prints the witness's report. */
export async function reportFailover(
  context: TestContext,
  scenario: string,
  { campaign, sandbox, run }: Awaited<ReturnType<typeof startRun>>,
  since: number,
): Promise<WitnessReport> {
  const { code, stderr } = await campaign.ended;
  // Exit code 1: some rows are unknown.
  expect([0, 1], stderr).toContain(code);
  const report = await readWitnessReport({ sandbox, rows: ROWS, run });
  await annotateReport(
    context,
    `Failover, ${scenario}`,
    report,
    `, ${maxPauseAfter(since, sandbox)} ms without a call`,
  );
  return report;
}

/** Marks of the store that the replicas lack: more than a failover may lose without an alarm. */
const LOST_MARKS = 3;

/** Interrupts replication, and kills the master once a loss must be noticed. */
export async function killWithReplicationLag(
  { master, replicas }: Awaited<ReturnType<typeof startSentinels>>,
  { env }: Pick<Awaited<ReturnType<typeof startRun>>, 'env'>,
) {
  for (const { redis } of replicas) {
    // Wrong credentials keep a replica from reconnecting.
    await redis.config('SET', 'masterauth', 'wrong');
    await redis.call('CLIENT', 'KILL', 'TYPE', 'master');
  }
  const marks = makeStoreMarks(master.redis, makeLedgerKeys(env['QUEUE_PREFIX'] ?? ''));
  const advances = async () => {
    const found = await Promise.all((await marks.homes()).map((home) => marks.read(home)));
    return Math.max(...found.map(({ count }) => count));
  };
  const before = await advances();
  await eventually(async () => expect(await advances()).toBeGreaterThanOrEqual(before + LOST_MARKS));
  await master.kill();
  for (const { redis } of replicas) await redis.config('SET', 'masterauth', '');
}
