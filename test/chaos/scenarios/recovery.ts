/** How soon another process takes over the jobs of a killed one. */

import { QueueKeys } from 'bullmq';
import { sleep } from '../../../src/kit/clock.ts';
import { queueNames } from '../../../src/queue/names.ts';
import type { Scenario } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';

const times = { short: 1, full: 10 };
const LIMIT_MS = 15_000;
const POLL_MS = 20;

export const recovery: Scenario = {
  name: 'recovery',
  description: 'kill -9 of one of two processes with calls in flight; its jobs run again within 15 s',
  alone: true,
  processes: 2,
  async play(testbed, size, processes) {
    const rows = 400 + times[size] * 300;
    const id = await testbed.startCampaign(rows);
    const durations: number[] = [];
    for (let n = 0; n < times[size]; n += 1) {
      await settledRows(testbed, id, 100 + n * 300);
      const victim = processes.workers[n % 2];
      await victim?.kill();
      const before = await locksOfActiveJobs(testbed);
      const killedAt = performance.now();
      victim?.start();
      while (areOrphaned(before, await locksOfActiveJobs(testbed))) {
        if (performance.now() - killedAt > 2 * LIMIT_MS) break;
        await sleep(POLL_MS);
      }
      durations.push(performance.now() - killedAt);
    }
    await testbed.waitForEnd(id, 120_000);
    const max = Math.max(...durations);
    return {
      id,
      rows,
      kills: times[size],
      figures: { 'max time until its jobs ran again': `${(max / 1000).toFixed(1)} s` },
      problems: max > LIMIT_MS ? [`its jobs ran again after ${Math.round(max)} ms`] : [],
    };
  },
};

/** Returns the lock token of each active batch job; null if the lock of a dead process has expired. */
async function locksOfActiveJobs({ redis, prefix }: Testbed): Promise<Map<string, string | null>> {
  const keys = new QueueKeys(prefix);
  const ids = await redis.lrange(keys.toKey(queueNames.pass, 'active'), 0, -1);
  const locks = ids.map(
    async (id) => [id, await redis.get(`${keys.toKey(queueNames.pass, id)}:lock`)] as const,
  );
  return new Map(await Promise.all(locks));
}

/** Returns true if a batch job has neither ended nor been taken by another worker since. */
function areOrphaned(before: Map<string, string | null>, now: Map<string, string | null>): boolean {
  return [...before].some(([id, lock]) => now.has(id) && [lock, null].includes(now.get(id) ?? null));
}

/** Waits until this many rows are settled. */
async function settledRows(testbed: Testbed, id: string, rows: number): Promise<void> {
  for (;;) {
    const { rows: accepted, pending } = await testbed.campaign(id);
    if (accepted - pending >= rows) return;
    await sleep(POLL_MS);
  }
}
