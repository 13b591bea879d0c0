/** The list of processes that are alive. */

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeHeartbeatLedger } from '../../src/ledger/monitoring/heartbeats.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { openRedis } from '../support/redis.ts';

describe('a process', () => {
  it('is alive while it runs, expires 10 s after kill -9, and is removed when stopped', async () => {
    const { start, env } = await makeWorkspace();
    const redis = openRedis();
    const keys = makeLedgerKeys(env['QUEUE_PREFIX'] ?? '');
    const { alive } = makeHeartbeatLedger(redis, keys);
    const [feeder, web] = [start(['up', '--role', 'feeder']), start(['up', '--role', 'web'])];
    await Promise.all([printed(feeder, /is up/), printed(web, /is up/)]);
    const seen = await eventually(async () => {
      const found = await alive();
      expect(found).toHaveLength(2);
      return found;
    });
    expect(new Map(seen.map(({ pid, roles }) => [pid, roles]))).toEqual(
      new Map([
        [feeder.child.pid, ['feeder']],
        [web.child.pid, ['web']],
      ]),
    );

    feeder.child.kill('SIGKILL');
    await once(feeder.child, 'exit');
    const process = seen.find(({ pid }) => pid === feeder.child.pid)?.process ?? '';
    const ttl = await redis.pttl(keys.heartbeat(process));
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(10_000);
    await eventually(async () => expect(await alive()).toHaveLength(1));

    web.child.kill('SIGTERM');
    await web.ended;
    expect(await alive()).toEqual([]);
  });
});
