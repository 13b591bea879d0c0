import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openLogFile, rotateIfLarge } from '../../../src/kit/logs/log-file.ts';

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-log-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const never = (error: Error) => {
  throw error;
};

it('makes the file and its folder with the first line, for this user only', async () => {
  const folder = join(await makeFolder(), 'data');
  const path = join(folder, 'passbridge.log');
  const log = openLogFile(path, never);
  expect(existsSync(folder)).toBe(false);
  log.write('one\n');
  expect(readFileSync(path, 'utf8')).toBe('one\n');
  expect([statSync(folder).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
});

it('keeps the newest files, none much larger than the limit, with two writers', async () => {
  const folder = await makeFolder();
  const path = join(folder, 'passbridge.log');
  const rotation = { maxBytes: 1000, kept: 2 };
  const writers = [openLogFile(path, never, rotation), openLogFile(path, never, rotation)];
  for (let line = 0; line < 1000; line += 1) {
    for (const writer of writers) writer.write(`${String(line).padStart(9)}\n`);
  }
  const names = readdirSync(folder).toSorted();
  expect(names).toEqual(['passbridge.log', 'passbridge.log.1', 'passbridge.log.2']);
  for (const name of names) expect(statSync(join(folder, name)).size).toBeLessThan(1100);
  const kept = names
    .toReversed()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  const lines = kept.trimEnd().split('\n').map(Number);
  expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  expect(lines.slice(-2)).toEqual([999, 999]);
});

it('reports the first error, and writes again once it can', async () => {
  const folder = await makeFolder();
  const blocker = join(folder, 'data');
  await writeFile(blocker, '');
  const errors: string[] = [];
  const path = join(blocker, 'passbridge.log');
  const log = openLogFile(path, ({ message }) => errors.push(message));
  log.write('lost\n');
  log.write('lost\n');
  expect(errors).toEqual([expect.stringMatching(/ENOTDIR|EEXIST/)]);
  await rm(blocker);
  log.write('kept\n');
  expect(readFileSync(path, 'utf8')).toBe('kept\n');
});

it('leaves a small file, and a missing one, alone', async () => {
  const folder = await makeFolder();
  const path = join(folder, 'redis.log');
  rotateIfLarge(path, { maxBytes: 10, kept: 1 });
  await writeFile(path, 'small');
  rotateIfLarge(path, { maxBytes: 10, kept: 1 });
  expect(readdirSync(folder)).toEqual(['redis.log']);
});
