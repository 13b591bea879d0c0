import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeLogger, openLogDestination } from '../../src/kit/logger.ts';
import { eventually } from '../support/eventually.ts';

it('reports a full disk once and keeps neither the work nor the exit from happening', async () => {
  const errors: string[] = [];
  const stream = openLogDestination(
    { dest: '/dev/full', sync: false, minLength: 0, periodicFlush: 10 },
    ({ message }) => errors.push(message),
  );
  const log = makeLogger('info', stream);
  log.info('first');
  await eventually(() => expect(errors).toEqual([expect.stringContaining('ENOSPC')]));
  log.info('second');
  log.flush();
  expect(errors).toHaveLength(1);
});

it('reports a folder that cannot be made, and drops the lines', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'file'), '');
  const errors: string[] = [];
  const stream = openLogDestination(
    { dest: join(folder, 'file', 'passbridge.log'), mkdir: true, sync: true },
    ({ message }) => errors.push(message),
  );
  makeLogger('info', stream).info('dropped');
  expect(errors).toEqual([expect.stringMatching(/ENOTDIR|EEXIST/)]);
});
