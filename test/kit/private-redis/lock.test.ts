import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withLock } from '../../../src/kit/private-redis/lock.ts';
import { openPlace, type Place } from '../../../src/kit/private-redis/location.ts';

test('one holder at a time, also within a process', async () => {
  const place = await makePlace();
  const events: string[] = [];
  const hold = (name: string) =>
    withLock(place, async () => {
      events.push(`${name} in`);
      await new Promise(setImmediate);
      events.push(`${name} out`);
    });
  await Promise.all([hold('a'), hold('b'), hold('c')]);
  const holders = events.filter((event) => event.endsWith('in')).map((event) => event[0]);
  expect(events).toEqual(holders.flatMap((name) => [`${name} in`, `${name} out`]));
});

test('is free again after a holder that failed', async () => {
  const place = await makePlace();
  await expect(withLock(place, () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
  expect(await withLock(place, () => Promise.resolve('mine'))).toBe('mine');
});

test('says so at once where it can never be had', async () => {
  const place = { ...(await makePlace()), lockFile: '/dev/null/start.lock' };
  await expect(withLock(place, () => Promise.resolve())).rejects.toThrow(
    /Could not lock \/dev\/null\/start\.lock \(ENOTDIR/,
  );
});

async function makePlace(): Promise<Place> {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-test-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return openPlace(dataDir);
}
