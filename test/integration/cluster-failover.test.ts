/** The node of a Cluster that keeps all of the keys dies, and the work goes on by itself on its replica. */

import { expect, it } from 'vitest';
import { judge, ROWS, startRun } from '../support/failover.ts';
import { addReplicas, startCluster } from '../support/redis-servers.ts';

it('kill -9 of the node with the keys: nobody is lost', async (context) => {
  const nodes = await startCluster();
  await addReplicas(nodes);
  const run = await startRun(`redis+cluster://${nodes.map(({ place }) => place).join(',')}`);
  const sizes = await Promise.all(nodes.map(({ redis }) => redis.dbsize()));
  const since = run.sandbox.witness.now();
  await nodes[sizes.findIndex((size) => size > 0)]?.kill();
  const { done, unknown, lost, doubled } = await judge(context, 'Cluster, replica in step', run, since);
  expect(lost).toEqual([]);
  expect(done + unknown).toBe(ROWS);
  expect(unknown).toBeLessThanOrEqual(20);
  expect(doubled.length).toBeLessThanOrEqual(20);
}, 60_000);
