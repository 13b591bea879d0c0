import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { settingsDigest, watchSettings } from '../../src/config/settings-status.ts';

async function makeFolder(text: string) {
  const cwd = await mkdtemp(join(tmpdir(), 'passbridge-settings-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const write = (content: string) => writeFile(join(cwd, '.env'), content);
  await write(text);
  return { cwd, write };
}

it('names the settings that .env has changed since the start', async () => {
  const { cwd, write } = await makeFolder('PORT=3000\nWEBHOOK_TOKEN=old-token\n');
  const changed = watchSettings({ env: { TIME_ZONE: 'UTC' }, cwd });
  expect(changed()).toEqual([]);
  await write('PORT=3000\nWEBHOOK_TOKEN=another-token\nTIME_ZONE=Europe/Prague\nCONFIRM_ABOVE=5 \n');
  // The environment overrides TIME_ZONE.
  expect(changed().toSorted()).toEqual(['CONFIRM_ABOVE', 'WEBHOOK_TOKEN']);
  await write('WEBHOOK_TOKEN=old-token  # the default port, written differently\n');
  expect(changed()).toEqual([]);
});

it('keeps its last answer while the file cannot be read', async () => {
  const { cwd, write } = await makeFolder('');
  const changed = watchSettings({ env: {}, cwd });
  await write('PORT=4000\n');
  expect(changed()).toEqual(['PORT']);
  await writeFile(join(cwd, '.env'), Buffer.from([0xff, 0xfe, 0x00, 0xd8]));
  expect(changed()).toEqual(['PORT']);
});

it('digests the settings that processes share, and no other', async () => {
  const env = { WEBHOOK_TOKEN: 'a', PORT: '3000' };
  const digest = await settingsDigest(env);
  expect(digest).toMatch(/^[\w-]{16}$/);
  expect(await settingsDigest({ ...env, PORT: '4000', DATA_DIR: '/elsewhere', FOREIGN: 'x' })).toBe(digest);
  expect(await settingsDigest({ ...env, WEBHOOK_TOKEN: 'b' })).not.toBe(digest);
  expect(await settingsDigest({ ...env, CONFIRM_ABOVE: '10000' })).toBe(digest);
});
