import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeSystemError, explainSystemError, problemOf } from '../../../src/kit/runtime/system-error.ts';

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-errors-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const errorOf = (work: Promise<unknown>) => work.then(String, (error: unknown) => error);

it('says what is wrong with a path, and what to do', async () => {
  const folder = await makeFolder();
  const file = join(folder, 'file');
  await writeFile(file, '');
  const seen = [
    await errorOf(readFile(join(folder, 'none'))),
    await errorOf(readFile(folder)),
    await errorOf(mkdir(join(file, 'below'))),
    await errorOf(readFile(join(folder, 'x'.repeat(300)))),
  ].map(explainSystemError);
  expect(seen).toEqual([
    `${join(folder, 'none')} does not exist. Create it, or correct the path.`,
    // `read` of an open folder has no path.
    'A file is a folder, not a file. Name a file.',
    `${join(file, 'below')} is not in a folder: a part of the path is a file. Correct the path.`,
    expect.stringMatching(/^The path .* is too long\. Choose a shorter one\.$/),
  ]);
});

it('says that the disk is full', async () => {
  const file = await open('/dev/full', 'w');
  onTestFinished(() => file.close().catch(() => {}));
  expect(explainSystemError(await errorOf(file.writeFile('x')))).toBe(
    'The disk of a file is full. Free space on it and start passbridge again.',
  );
});

it.each([
  ['EACCES', { path: '/data', syscall: 'open' }, /^This user may not access \/data\. Change its permissions/],
  [
    'EACCES',
    { address: '127.0.0.1', port: 80, syscall: 'listen' },
    /may not listen on 127\.0\.0\.1:80\..*1023/,
  ],
  ['EROFS', { path: '/data' }, /^\/data is on a read-only file system\. .*DATA_DIR/],
  ['EDQUOT', { path: '/data' }, /^The quota of the disk of \/data is used up\./],
  ['EIO', { path: '/data' }, /^The disk of \/data fails\./],
  ['EADDRINUSE', { address: '::1', port: '9400-9410' }, /^::1:9400-9410 is in use .*METRICS_PORT/],
  ['EADDRNOTAVAIL', { address: '10.9.9.9', port: 3000 }, /^10\.9\.9\.9:3000 is not an address .*HOST/],
  ['EMFILE', {}, /^This process may not open more files/],
])('has words for %s', (code, fields, words) => {
  expect(explainSystemError(Object.assign(new Error(code), { code, ...fields }))).toMatch(words);
});

it('leaves errors of other kinds to others', () => {
  expect(describeSystemError(new TypeError('x is not a function'))).toBeUndefined();
  expect(describeSystemError(Object.assign(new Error('x'), { code: 'toString' }))).toBeUndefined();
  expect(problemOf(new Error('no words'))).toBe('no words');
});
