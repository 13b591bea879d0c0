/** How soon the jobs of a killed process run again. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const times = { short: 1, full: 10 };
const LIMIT_MS = 15_000;
const POLL_MS = 20;

export const recovery: Scenario = {
  name: 'recovery',
  about: 'kill -9 of one of two processes with calls in flight; its jobs run again within 15 s',
  processes: 2,
  async act(world, size, crew) {
    const rows = 400 + times[size] * 300;
    const id = await world.order(rows);
    const took: number[] = [];
    for (let n = 0; n < times[size]; n += 1) {
      await settled(world, id, 100 + n * 300);
      const victim = crew.members[n % 2];
      await victim?.kill();
      const orphans = await holders(world);
      const killedAt = performance.now();
      victim?.start();
      while (stillHeld(orphans, await holders(world))) {
        if (performance.now() - killedAt > 2 * LIMIT_MS) break;
        await pause(POLL_MS);
      }
      took.push(performance.now() - killedAt);
    }
    await world.over(id, 120_000);
    const longest = Math.max(...took);
    return {
      id,
      rows,
      kills: times[size],
      figures: { 'longest until its jobs ran again': `${(longest / 1000).toFixed(1)} s` },
      problems: longest > LIMIT_MS ? [`jobs ran again after ${Math.round(longest)} ms only`] : [],
    };
  },
};

/** Who holds which entry that is at work; nobody where a dead process's hold has run out. */
async function holders({ redis, prefix }: World): Promise<Map<string, string | null>> {
  const entries = await redis.lrange(`${prefix}:pass:active`, 0, -1);
  const found = entries.map(async (id) => [id, await redis.get(`${prefix}:pass:${id}:lock`)] as const);
  return new Map(await Promise.all(found));
}

/** Whether some entry was neither done nor taken by another since. */
function stillHeld(before: Map<string, string | null>, now: Map<string, string | null>): boolean {
  return [...before].some(([id, holder]) => now.has(id) && [holder, null].includes(now.get(id) ?? null));
}

/** Waits until so many rows have ended. */
async function settled(world: World, id: string, rows: number): Promise<void> {
  for (;;) {
    const { rows: accepted, pending } = await world.campaign(id);
    if (accepted - pending >= rows) return;
    await pause(POLL_MS);
  }
}
