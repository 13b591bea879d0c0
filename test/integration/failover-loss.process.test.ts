/** A failover to a replica that lags behind, without and with REDIS_REPLICAS. */

import { expect, it, type TestContext } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { killWithReplicationLag, reportFailover, ROWS, startRun } from '../support/failover.ts';
import { startSentinels } from '../support/redis-servers.ts';
import { WITNESS_REPORT } from '../support/witness-reporter.ts';

async function failOver(settings: Record<string, string>) {
  // With two replicas, one is left to acknowledge writes after the other has become the master.
  const redises = await startSentinels({ replicas: 2 });
  const run = await startRun(redises.url, settings);
  const since = run.sandbox.witness.now();
  await killWithReplicationLag(redises, run);
  return { run, since };
}

it('holds a campaign whose claims were not replicated, so that no card is made twice', async ({
  annotate,
}) => {
  const { run } = await failOver({});
  await eventually(async () => {
    const { restored, campaigns } = JSON.parse((await run.run(['status', '--json'])).stdout) as {
      restored?: { cause: string };
      campaigns: { status: string }[];
    };
    expect(restored).toMatchObject({ cause: 'went-back' });
    expect(campaigns).toMatchObject([{ status: 'held' }]);
  });
  await annotate(
    `Failover, sentinels, replicas behind: held, ${run.sandbox.witness.doubles().length} duplicated`,
    WITNESS_REPORT,
  );
  expect(run.sandbox.witness.doubles()).toEqual([]);
});

it('does not send calls whose claims are not replicated, with REDIS_REPLICAS=1', async (context: TestContext) => {
  const { run, since } = await failOver({ REDIS_REPLICAS: '1' });
  const scenario = 'sentinels, replicas behind, with REDIS_REPLICAS=1';
  const { lost, done, unknown, duplicated } = await reportFailover(context, scenario, run, since);
  expect({ lost, duplicated }).toEqual({ lost: [], duplicated: [] });
  expect(done + unknown).toBe(ROWS);
});
