/** Redis dies or is unreachable. */

import { sleep } from '../../../src/kit/clock.ts';
import type { Scenario } from '../scenario.ts';

const redisKills = { short: 1, full: 20 };
const outageMs = { short: 3000, full: 30_000 };

export const redisKilled: Scenario = {
  name: 'redis: kill -9',
  description: 'kill -9 of Redis in the middle of a run; it restarts from its append-only file',
  processes: 2,
  async play(testbed, size) {
    const rows = 300 + redisKills[size] * 150;
    const id = await testbed.startCampaign(rows);
    for (let n = 0; n < redisKills[size]; n += 1) {
      await sleep(1500 + testbed.random() * 1500);
      const { pid } = testbed.server;
      process.kill(pid, 'SIGKILL');
      while (testbed.server.pid === pid) await sleep(20);
    }
    await testbed.waitForEnd(id, 120_000);
    // No passbridge process died, so the response of every call was seen.
    return { id, rows, kills: 0, figures: { 'kills of Redis': String(redisKills[size]) } };
  },
};

export const redisAway: Scenario = {
  name: 'redis: away',
  description: 'Redis unreachable for 30 s in the middle of a run',
  processes: 2,
  async play(testbed, size, { workers }) {
    const rows = 500;
    const id = await testbed.startCampaign(rows);
    await sleep(2000 + testbed.random() * 1000);
    for (const { proxies } of workers) proxies.redis.cut();
    await sleep(outageMs[size]);
    const reconnectedAt = performance.now();
    for (const { proxies } of workers) proxies.redis.reopen();
    await testbed.waitForEnd(id, 120_000);
    const seconds = ((performance.now() - reconnectedAt) / 1000).toFixed(1);
    return { id, rows, kills: 0, figures: { 'finished after the outage in': `${seconds} s` } };
  },
};

export const startOrder: Scenario = {
  name: 'start-up order',
  description: 'the processes start before Redis and both upstreams are reachable',
  processes: 2,
  async play(testbed, size, { workers }) {
    const rows = 300;
    for (const side of ['passmachine', 'bloomreach'] as const) testbed.sandbox.setOutage(side, 'reset');
    for (const { proxies } of workers) proxies.redis.cut();
    await sleep(outageMs[size] / 3);
    for (const { proxies } of workers) proxies.redis.reopen();
    const id = await testbed.startCampaign(rows);
    await sleep(2000);
    testbed.sandbox.setOutage('bloomreach', 'off');
    await sleep(1000);
    testbed.sandbox.setOutage('passmachine', 'off');
    await testbed.waitForEnd(id, 120_000);
    return { id, rows, kills: 0 };
  },
};
