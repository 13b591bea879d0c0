/** Who is alive, what was called, and in which slot a job is shown. */

import { describe, expect, it } from 'vitest';
import type { Heartbeat } from '../../../src/domain/monitoring/heartbeat.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeThroughputLedger } from '../../../src/ledger/monitoring/throughput-samples.ts';
import { ALIVE_MS, makeHeartbeatLedger } from '../../../src/ledger/monitoring/heartbeats.ts';
import { makeSeats } from '../../../src/ledger/monitoring/seats.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const quiet = { recent: { calls: 0, failures: 0 }, failuresInARow: 0 };

function makeHeartbeat(process: string, since = 1): Heartbeat {
  const upstreams = { passmachine: quiet, bloomreach: quiet };
  return { process, pid: 1, host: 'here', parts: ['worker'], since, at: Date.now(), upstreams };
}

function open() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  return { redis, keys, ledger: makeHeartbeatLedger(redis, keys) };
}

const sample = (at: number) => ({ at, ended: at, left: 100 - at });

describe('a heartbeat', () => {
  it('tells who is alive until it is not repeated, or until it is ended', async () => {
    const { redis, keys, ledger } = open();
    const [younger, older] = [makeHeartbeat('b', 2), makeHeartbeat('a', 1)];
    await ledger.heartbeat(younger, []);
    await ledger.heartbeat(older, []);
    expect(await ledger.living()).toEqual([older, younger]);
    await ledger.end('a');
    expect(await ledger.living()).toEqual([younger]);
    const left = await redis.pttl(keys.heartbeat('b'));
    expect(left).toBeGreaterThan(ALIVE_MS - 2000);
    expect(left).toBeLessThanOrEqual(ALIVE_MS);
    await redis.pexpire(keys.heartbeat('b'), 1);
    await expect.poll(() => ledger.living()).toEqual([]);
  });

  it('is refused aloud where Redis takes no writes', async () => {
    const { redis, keys, ledger } = open();
    await redis.set(keys.heartbeats, 'not a set');
    await expect(ledger.heartbeat(makeHeartbeat('a'), [])).rejects.toThrow('WRONGTYPE');
  });
});

describe('the calls', () => {
  it('of all processes are added up by span, and writing them twice adds nothing', async () => {
    const { redis, keys, ledger } = open();
    const start = 1_800_000_000_000;
    const counted = (calls: number, bin: number, at = start) => ({
      upstream: 'passmachine' as const,
      start: at,
      bucket: { calls, failures: 1, durations: { [bin]: calls } },
    });
    await ledger.heartbeat(makeHeartbeat('a'), [counted(2, 5), counted(9, 1, start - 10_000)]);
    await ledger.heartbeat(makeHeartbeat('a'), [counted(3, 5)]);
    await ledger.heartbeat(makeHeartbeat('a'), [counted(3, 5)]);
    await ledger.heartbeat(makeHeartbeat('b'), [counted(4, 5), counted(7, 2, start + 1_200_000)]);
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

describe('a seat', () => {
  it('stays with its job, and one that is left goes to the next newcomer', async () => {
    const { redis, keys } = open();
    const seats = makeSeats(redis, keys);
    expect(await seats.of(['a', 'b', 'c'])).toEqual([0, 1, 2]);
    expect(await seats.of(['b', 'c', 'd', 'e'])).toEqual([1, 2, 0, 3]);
    expect(await seats.of(['e', 'f'])).toEqual([3, 0]);
    expect(await seats.of([])).toEqual([]);
  });
});

describe('the pace', () => {
  it('keeps the last samples of each campaign until its stretch ends', async () => {
    const { redis, keys } = open();
    const throughput = makeThroughputLedger(redis, keys);
    for (let at = 0; at < 40; at += 1) {
      await throughput.add(new Map([['a', sample(at)], ...(at < 2 ? [['b', sample(at)] as const] : [])]));
    }
    const seen = await throughput.seen(['a', 'b', 'c']);
    expect(seen.get('a')?.map(({ at }) => at)).toEqual(Array.from({ length: 25 }, (_, n) => n + 15));
    expect(seen.get('b')).toEqual([sample(0), sample(1)]);
    expect(seen.get('c')).toEqual([]);
    await throughput.forget(['a']);
    expect((await throughput.seen(['a'])).get('a')).toEqual([]);
  });
});
