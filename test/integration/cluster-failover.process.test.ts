/** The Cluster node that has all keys dies, and its replica takes over automatically. */

import { expect, it } from 'vitest';
import { reportFailover, ROWS, startRun } from '../support/failover.ts';
import { addReplicas, startCluster } from '../support/redis-servers.ts';

it('loses no row after kill -9 of the node with the keys', async (context) => {
  const nodes = await startCluster();
  await addReplicas(nodes);
  const run = await startRun(`redis+cluster://${nodes.map(({ address }) => address).join(',')}`);
  const sizes = await Promise.all(nodes.map(({ redis }) => redis.dbsize()));
  const since = run.sandbox.witness.now();
  await nodes[sizes.findIndex((size) => size > 0)]?.kill();
  const { done, unknown, lost, duplicated } = await reportFailover(
    context,
    'Cluster, replica in step',
    run,
    since,
  );
  expect(lost).toEqual([]);
  expect(done + unknown).toBe(ROWS);
  expect(unknown).toBeLessThanOrEqual(20);
  expect(duplicated.length).toBeLessThanOrEqual(20);
});
