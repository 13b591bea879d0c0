/** What a failover costs where the replicas were behind, and what REDIS_REPLICAS spares of it. */

import { expect, it, type TestContext } from 'vitest';
import { dieLagging, judge, ROWS, startRun } from '../support/failover.ts';
import { startSentinels } from '../support/redis-servers.ts';

async function fail(context: TestContext, what: string, settings: Record<string, string>) {
  // Two replicas, so that there is one left to confirm what the other does as the master.
  const redises = await startSentinels({ replicas: 2 });
  const run = await startRun(redises.url, settings);
  const since = run.sandbox.witness.now();
  await dieLagging(redises);
  return judge(context, what, run, since);
}

it('what no replica had is forgotten, and its cards are made twice; with REDIS_REPLICAS=1 it is not sent', async (context) => {
  const [trusting, careful] = await Promise.all([
    fail(context, 'sentinels, replicas a second behind', {}),
    fail(context, 'the same with REDIS_REPLICAS=1', { REDIS_REPLICAS: '1' }),
  ]);
  for (const { done, unknown, lost } of [trusting, careful]) {
    expect(lost).toEqual([]);
    expect(done + unknown).toBe(ROWS);
  }
  expect(trusting.doubled.length).toBeGreaterThan(0);
  expect(careful.doubled).toEqual([]);
}, 90_000);
