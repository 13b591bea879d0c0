import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
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

function openLog(level = 'info') {
  const lines: string[] = [];
  const log = makeLogger(level, { write: (line) => void lines.push(line) });
  return { log, read: () => lines.splice(0).map((line) => JSON.parse(line) as Record<string, unknown>) };
}

it('names the level, version, host and process in every line', () => {
  const { log, read } = openLog();
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  log.warn({ event: 'x' }, 'text');
  expect(read()).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      version,
      host: hostname(),
      pid: process.pid,
      event: 'x',
      msg: 'text',
    },
  ]);
});

describe('repeated warnings and errors', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('are logged ten times a minute, and then only counted', () => {
    const { log, read } = openLog();
    for (let n = 0; n < 500; n += 1) log.warn({ event: 'batch.failed', code: 'A', n }, `attempt ${n}`);
    expect(read()).toHaveLength(10);
    vi.advanceTimersByTime(60_000);
    expect(read()).toMatchObject([
      { level: 'warn', event: 'log.suppressed', suppressed: 'batch.failed', count: 490 },
    ]);
    log.warn({ event: 'batch.failed', code: 'A' });
    expect(read()).toMatchObject([{ event: 'batch.failed' }]);
    vi.advanceTimersByTime(120_000);
    expect(read()).toEqual([]);
  });

  it('are told apart by event, code, cause and error', () => {
    const { log, read } = openLog();
    for (let n = 0; n < 20; n += 1) {
      log.warn({ event: 'a', code: 'A' });
      log.warn({ event: 'a', code: 'B' });
      log.warn({ event: 'a', cause: 'no-worker' });
      log.error({ event: 'a', err: new Error('one') });
      log.error({ event: 'a', err: new Error('two') });
      log.error('only a text');
    }
    expect(read()).toHaveLength(60);
  });

  it('do not limit lines below', () => {
    const { log, read } = openLog('debug');
    for (let n = 0; n < 100; n += 1) {
      log.info({ event: 'a' });
      log.debug({ event: 'a' });
    }
    expect(read()).toHaveLength(200);
  });
});
