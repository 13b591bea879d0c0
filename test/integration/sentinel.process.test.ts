/** A Redis master dies, and the sentinels promote its replica. */

import { expect, it } from 'vitest';
import { reportFailover, ROWS, startRun } from '../support/failover.ts';
import { startSentinels } from '../support/redis-servers.ts';

it('continues automatically after kill -9 of the master, and loses no row', async (context) => {
  const { master, url } = await startSentinels();
  const run = await startRun(url);
  const since = run.sandbox.witness.now();
  await master.kill();
  const { done, unknown, lost, duplicated } = await reportFailover(
    context,
    'sentinels, replica in step',
    run,
    since,
  );
  expect(lost).toEqual([]);
  expect(done + unknown).toBe(ROWS);
  // The ten calls in flight.
  expect(unknown).toBeLessThanOrEqual(10);
  expect(duplicated.length).toBeLessThanOrEqual(10);
});
