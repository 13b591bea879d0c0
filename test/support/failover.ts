/** A campaign under way while a master of Redis dies, and what the witness says of it afterwards. */

import { setTimeout as delay } from 'node:timers/promises';
import { expect, type TestContext } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { makeDashboardService, printed } from './cli.ts';
import { goodCustomers } from './customers.ts';
import { eventually } from './eventually.ts';
import type { startSentinels } from './redis-servers.ts';
import { tell, type Verdict, verdictOf } from './verdict.ts';

/** More than the queue holds at once (1,000), so that the feeder is at work, too. */
export const ROWS = 1500;

/** A worker, a feeder and a campaign under way, with cards made already. */
export async function startRun(url: string, settings: Record<string, string> = {}) {
  const service = await makeDashboardService({ latencyMs: 50 });
  Object.assign(service.env, { REDIS_URL: url, ...settings });
  const worker = service.start(['up', '--role', 'worker']);
  const feeder = service.start(['up', '--role', 'feeder']);
  await Promise.all([printed(worker, /up as/), printed(feeder, /up as/)]);
  await service.write('all.csv', goodCustomers(ROWS));
  const campaign = service.start(['issue', 'loyalty', 'all.csv']);
  await eventually(() => expect(service.sandbox.passes.size).toBeGreaterThan(100), 20_000);
  return { ...service, campaign };
}

/** How long nothing was made, from `since` on by the witness's clock. */
function pauseAfter(since: number, { witness }: Pick<Sandbox, 'witness'>): number {
  const creates = witness.entries().filter(({ kind, at }) => kind === 'create' && at > since - 200);
  const gaps = creates.map(({ at }, index) => at - (creates[index - 1]?.at ?? at));
  return Math.round(Math.max(...gaps));
}

/** Waits for the campaign's end and has the witness's verdict printed. */
export async function judge(
  context: TestContext,
  what: string,
  { campaign, sandbox, run }: Awaited<ReturnType<typeof startRun>>,
  since: number,
): Promise<Verdict> {
  const { code, stderr } = await campaign.ended;
  // 1: some are unknown.
  expect([0, 1], stderr).toContain(code);
  const verdict = await verdictOf({ sandbox, rows: ROWS, run });
  await tell(context, `Failover, ${what}`, verdict, `, ${pauseAfter(since, sandbox)} ms without a call`);
  return verdict;
}

/** Replication stands still for a second, as on a bad line, and then the master dies. */
export async function dieLagging({ master, replicas }: Awaited<ReturnType<typeof startSentinels>>) {
  for (const { redis } of replicas) {
    // A login that the master refuses keeps a replica from coming back.
    await redis.config('SET', 'masterauth', 'nobody');
    await redis.call('CLIENT', 'KILL', 'TYPE', 'master');
  }
  await delay(1000);
  await master.kill();
  for (const { redis } of replicas) await redis.config('SET', 'masterauth', '');
}
