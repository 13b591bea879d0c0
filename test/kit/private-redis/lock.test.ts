import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withLock } from '../../../src/kit/private-redis/lock.ts';
import { openLocation, type RedisLocation } from '../../../src/kit/private-redis/location.ts';

test('admits one owner at a time, even within a process', async () => {
  const location = await makeLocation();
  const events: string[] = [];
  const lockAs = (name: string) =>
    withLock(location, async () => {
      events.push(`${name} in`);
      await new Promise(setImmediate);
      events.push(`${name} out`);
    });
  await Promise.all([lockAs('a'), lockAs('b'), lockAs('c')]);
  const owners = events.filter((event) => event.endsWith('in')).map((event) => event[0]);
  expect(events).toEqual(owners.flatMap((name) => [`${name} in`, `${name} out`]));
});

test('is released when the work fails', async () => {
  const location = await makeLocation();
  await expect(withLock(location, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await withLock(location, () => Promise.resolve('mine'))).toBe('mine');
});

test('fails immediately if the lock file cannot be created', async () => {
  const location = { ...(await makeLocation()), lockFile: '/dev/null/start.lock' };
  await expect(withLock(location, () => Promise.resolve())).rejects.toThrow(
    /Could not lock \/dev\/null\/start\.lock: .* is not in a folder/,
  );
});

async function makeLocation(): Promise<RedisLocation> {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-test-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return openLocation(dataDir);
}
