/** Processes that are seen to live, and seen to be gone. */

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeHeartbeatLedger } from '../../src/ledger/monitoring/heartbeats.ts';
import { makeDashboardService, printed } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { openRedis } from '../support/redis.ts';

describe('a process', () => {
  it('is alive while it runs; killed it is missed within 10 s, stopped it says so', async () => {
    const { start, env } = await makeDashboardService();
    const { living } = makeHeartbeatLedger(openRedis(), makeLedgerKeys(env['QUEUE_PREFIX'] ?? ''));
    const [feeder, web] = [start(['up', '--role', 'feeder']), start(['up', '--role', 'web'])];
    await Promise.all([printed(feeder, /is up/), printed(web, /is up/)]);
    const seen = await eventually(async () => {
      const found = await living();
      expect(found).toHaveLength(2);
      return found;
    });
    expect(new Map(seen.map(({ pid, parts }) => [pid, parts]))).toEqual(
      new Map([
        [feeder.child.pid, ['feeder']],
        [web.child.pid, ['web']],
      ]),
    );

    feeder.child.kill('SIGKILL');
    await once(feeder.child, 'exit');
    const killedAt = Date.now();
    await eventually(async () => expect(await living()).toHaveLength(1), 12_000);
    expect(Date.now() - killedAt).toBeLessThan(11_000);

    web.child.kill('SIGTERM');
    await web.ended;
    expect(await living()).toEqual([]);
  });
});
