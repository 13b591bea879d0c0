import { expect, it } from 'vitest';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeSessions } from '../../../src/ledger/operators/sessions.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

function open(prefix = testPrefix()) {
  const redis = openRedis();
  return { redis, prefix, sessions: makeSessions(redis, makeLedgerKeys(prefix)) };
}

it('stores a session for all processes until it expires, under a digest of its id', async () => {
  const { redis, prefix, sessions } = open();
  await sessions.save('an-id', { name: 'Iva' }, 5000.4);
  const other = open(prefix);
  expect(await other.sessions.find('an-id')).toEqual({ name: 'Iva' });
  expect(await sessions.find('another-id')).toBeUndefined();
  const [key = '', ...more] = await redis.keys(makeLedgerKeys(prefix).session('*'));
  expect([key.includes('an-id'), more]).toEqual([false, []]);
  expect(await redis.pttl(key)).toBeGreaterThan(4000);
  expect(await redis.pttl(key)).toBeLessThanOrEqual(5001);
});

it('does not restore a removed session, and remembers the removal only for a while', async () => {
  const { redis, prefix, sessions } = open();
  await sessions.save('an-id', { name: 'Iva' }, 5000);
  await sessions.remove('an-id');
  expect(await sessions.find('an-id')).toBeUndefined();
  await sessions.save('an-id', { name: 'Iva' }, 5000);
  expect(await sessions.find('an-id')).toBeUndefined();
  const [key = ''] = await redis.keys(makeLedgerKeys(prefix).session('*'));
  expect(await redis.pttl(key)).toBeLessThanOrEqual(10 * 60_000);
});

it('generates one random signing secret for all processes', async () => {
  const first = open();
  const others = [open(first.prefix), open(first.prefix)];
  const secrets = await Promise.all([first, ...others].map(({ sessions }) => sessions.signingSecret()));
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toMatch(/^[\w-]{43}$/);
  expect(await open().sessions.signingSecret()).not.toBe(secrets[0]);
});
