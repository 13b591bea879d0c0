/** A master dies with its machine, and the work goes on by itself on another. */

import { expect, it } from 'vitest';
import { judge, ROWS, startRun } from '../support/failover.ts';
import { startSentinels } from '../support/redis-servers.ts';

it('kill -9 of the master: the work goes on by itself, and nobody is lost', async (context) => {
  const { master, url } = await startSentinels();
  const run = await startRun(url);
  const since = run.sandbox.witness.now();
  await master.kill();
  const { done, unknown, lost, doubled } = await judge(context, 'sentinels, replica in step', run, since);
  expect(lost).toEqual([]);
  expect(done + unknown).toBe(ROWS);
  // The calls that were in flight, twice over.
  expect(unknown).toBeLessThanOrEqual(20);
  expect(doubled.length).toBeLessThanOrEqual(20);
}, 60_000);
