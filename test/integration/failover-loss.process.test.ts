/** A failover to a replica that lags behind, without and with REDIS_REPLICAS. */

import { expect, it, type TestContext } from 'vitest';
import { killWithReplicationLag, reportFailover, ROWS, startRun } from '../support/failover.ts';
import { startSentinels } from '../support/redis-servers.ts';

async function failOver(context: TestContext, scenario: string, settings: Record<string, string>) {
  // With two replicas, one is left to acknowledge writes after the other has become the master.
  const redises = await startSentinels({ replicas: 2 });
  const run = await startRun(redises.url, settings);
  const since = run.sandbox.witness.now();
  await killWithReplicationLag(redises);
  return reportFailover(context, scenario, run, since);
}

it('duplicates cards whose claims were not replicated; with REDIS_REPLICAS=1 such calls are not sent', async (context) => {
  const [unprotected, replicated] = await Promise.all([
    failOver(context, 'sentinels, replicas a second behind', {}),
    failOver(context, 'the same with REDIS_REPLICAS=1', { REDIS_REPLICAS: '1' }),
  ]);
  for (const { done, unknown, lost } of [unprotected, replicated]) {
    expect(lost).toEqual([]);
    expect(done + unknown).toBe(ROWS);
  }
  expect(unprotected.duplicated.length).toBeGreaterThan(0);
  expect(replicated.duplicated).toEqual([]);
});
