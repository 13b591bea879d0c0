/** Heartbeats, call counts and throughput samples in a real Redis. */

import { describe, expect, it } from 'vitest';
import type { Heartbeat } from '../../../src/domain/monitoring/heartbeat.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeThroughputLedger } from '../../../src/ledger/monitoring/throughput-samples.ts';
import { ALIVE_MS, makeHeartbeatLedger } from '../../../src/ledger/monitoring/heartbeats.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const quiet = { recent: { calls: 0, failures: 0 }, consecutiveFailures: 0 };

function makeHeartbeat(process: string, since = 1): Heartbeat {
  const upstreams = { passmachine: quiet, bloomreach: quiet };
  return {
    process,
    pid: 1,
    host: 'here',
    version: '1.0.0',
    roles: ['worker'],
    since,
    at: Date.now(),
    upstreams,
  };
}

function open() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  return { redis, keys, ledger: makeHeartbeatLedger(redis, keys) };
}

const sample = (at: number) => ({ at, ended: at, left: 100 - at });

describe('a heartbeat', () => {
  it('keeps a process alive until it expires or is removed', async () => {
    const { redis, keys, ledger } = open();
    const [younger, older] = [makeHeartbeat('b', 2), makeHeartbeat('a', 1)];
    await ledger.record(younger, []);
    await ledger.record(older, []);
    expect(await ledger.alive()).toEqual([older, younger]);
    await ledger.remove('a');
    expect(await ledger.alive()).toEqual([younger]);
    const left = await redis.pttl(keys.heartbeat('b'));
    expect(left).toBeGreaterThan(ALIVE_MS - 2000);
    expect(left).toBeLessThanOrEqual(ALIVE_MS);
    await redis.pexpire(keys.heartbeat('b'), 1);
    await expect.poll(() => ledger.alive()).toEqual([]);
  });

  it('rejects if Redis refuses the write', async () => {
    const { redis, keys, ledger } = open();
    await redis.set(keys.heartbeats, 'not a set');
    await expect(ledger.record(makeHeartbeat('a'), [])).rejects.toThrow('WRONGTYPE');
  });
});

describe('call counts', () => {
  it('are summed over all processes by bucket, and are not changed by writing them twice', async () => {
    const { redis, keys, ledger } = open();
    const start = 1_800_000_000_000;
    const counted = (calls: number, bin: number, at = start) => ({
      upstream: 'passmachine' as const,
      start: at,
      bucket: { calls, failures: 1, durations: { [bin]: calls } },
    });
    await ledger.record(makeHeartbeat('a'), [counted(2, 5), counted(9, 1, start - 10_000)]);
    await ledger.record(makeHeartbeat('a'), [counted(3, 5)]);
    await ledger.record(makeHeartbeat('a'), [counted(3, 5)]);
    await ledger.record(makeHeartbeat('b'), [counted(4, 5), counted(7, 2, start + 1_200_000)]);
    const seen = await ledger.calls('passmachine', start, start + 1_200_000);
    expect(seen).toEqual(
      new Map([
        [start, { calls: 7, failures: 2, durations: { 5: 7 } }],
        [start + 1_200_000, { calls: 7, failures: 1, durations: { 2: 7 } }],
      ]),
    );
    expect(await ledger.calls('bloomreach', start, start)).toEqual(new Map());
    const pages = (await redis.keys(`${keys.calls('passmachine', 0).slice(0, -1)}*`)).map((key) =>
      redis.pttl(key),
    );
    expect(pages).toHaveLength(3);
    for (const ttl of await Promise.all(pages)) expect(ttl).toBeGreaterThan(7_000_000);
  });
});

describe('throughput samples', () => {
  it('are bounded for each campaign, and dropped by a reset', async () => {
    const { redis, keys } = open();
    const throughput = makeThroughputLedger(redis, keys);
    for (let at = 0; at < 40; at += 1) {
      await throughput.add(new Map([['a', sample(at)], ...(at < 2 ? [['b', sample(at)] as const] : [])]));
    }
    const seen = await throughput.read(['a', 'b', 'c']);
    expect(seen.get('a')?.map(({ at }) => at)).toEqual(Array.from({ length: 25 }, (_, n) => n + 15));
    expect(seen.get('b')).toEqual([sample(0), sample(1)]);
    expect(seen.get('c')).toEqual([]);
    await throughput.reset(['a']);
    expect((await throughput.read(['a'])).get('a')).toEqual([]);
  });
});
