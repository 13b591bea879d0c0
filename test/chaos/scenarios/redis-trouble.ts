/** Redis dies, or is out of reach. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';

const deaths = { short: 1, full: 20 };
const awayMs = { short: 3000, full: 30_000 };

export const redisKilled: Scenario = {
  name: 'redis: kill -9',
  about: 'kill -9 of Redis in the middle of a run; it starts again from its append-only file',
  processes: 2,
  async act(world, size) {
    const rows = 300 + deaths[size] * 150;
    const id = await world.order(rows);
    for (let n = 0; n < deaths[size]; n += 1) {
      await pause(1500 + world.random() * 1500);
      const { pid } = world.server;
      process.kill(pid, 'SIGKILL');
      while (world.server.pid === pid) await pause(20);
    }
    await world.over(id, 120_000);
    // No process of ours died, so every call's answer was seen.
    return { id, rows, kills: 0, figures: { 'deaths of Redis': String(deaths[size]) } };
  },
};

export const redisAway: Scenario = {
  name: 'redis: away',
  about: 'Redis out of reach for 30 s in the middle of a run',
  processes: 2,
  async act(world, size, crew) {
    const rows = 500;
    const id = await world.order(rows);
    await pause(2000 + world.random() * 1000);
    for (const { taps } of crew.members) taps.redis.cut();
    await pause(awayMs[size]);
    const backAt = performance.now();
    for (const { taps } of crew.members) taps.redis.reopen();
    await world.over(id, 120_000);
    const rest = ((performance.now() - backAt) / 1000).toFixed(1);
    return { id, rows, kills: 0, figures: { 'over after its return in': `${rest} s` } };
  },
};

export const startOrder: Scenario = {
  name: 'start-up order',
  about: 'the processes start before Redis and both companies can be reached',
  processes: 2,
  async act(world, size, crew) {
    const rows = 300;
    for (const side of ['passmachine', 'bloomreach'] as const) world.sandbox.setOutage(side, 'reset');
    for (const { taps } of crew.members) taps.redis.cut();
    await pause(awayMs[size] / 3);
    for (const { taps } of crew.members) taps.redis.reopen();
    const id = await world.order(rows);
    await pause(2000);
    world.sandbox.setOutage('bloomreach', 'off');
    await pause(1000);
    world.sandbox.setOutage('passmachine', 'off');
    await world.over(id, 120_000);
    return { id, rows, kills: 0 };
  },
};
