/** The real command line in real processes, each test in its own folder. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { settingsFor } from '../../src/services/local-sandbox.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { eventually } from './eventually.ts';
import { expectNoLeak } from './leak-watch.ts';
import { sharedDataDir, testPrefix } from './redis.ts';

/** PASSBRIDGE_MAIN: another build, e.g. of an installed package. */
const main = resolve(process.env['PASSBRIDGE_MAIN'] ?? 'dist/main.js');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** Output so far. */
  stdout: () => string;
  /** Log so far. */
  stderr: () => string;
  ended: Promise<Ended>;
}

/** Returns a folder, a sandbox, and an environment that points passbridge at the sandbox and at the suite's Redis. */
export async function makeWorkspace(options: SandboxOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-workspace-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    DATA_DIR: sharedDataDir(),
    STORE_MARK_DIR: join(folder, 'marks'),
    QUEUE_PREFIX: testPrefix(),
    PROGRAMS_FILE: resolve('examples/programs.yaml'),
    PORT: '0',
    WRITEBACK_MAX_WAIT_MS: '200',
    ...settingsFor(sandbox),
  };

  const start = (
    args: readonly string[],
    more: Record<string, string | undefined> = {},
    program = main,
  ): Running => {
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: { ...env, ...more } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
    onTestFinished(async () => {
      child.kill('SIGKILL');
      const output = await ended;
      // `passbridge sandbox` prints its credentials on purpose.
      if (args[0] !== 'sandbox') expectNoLeak(output, { ...env, ...more });
    });
    return { child, stdout: () => stdout, stderr: () => stderr, ended };
  };

  return {
    folder,
    sandbox,
    env,
    start,
    run: (args: readonly string[], more?: Record<string, string | undefined>) => start(args, more).ended,
    write: (name: string, content: string | Buffer) => writeFile(join(folder, name), content),
  };
}

/** Waits until a running program has printed a match of the pattern, and returns the match. */
export function printed({ stdout }: Running, pattern: RegExp): Promise<RegExpExecArray> {
  return eventually(() => {
    const match = pattern.exec(stdout());
    if (match === null) throw new Error(`not printed yet: ${pattern} in ${stdout()}`);
    return match;
  });
}

/** Returns the id of the campaign that a command reports, or 'no campaign'. */
export function campaignIdIn(stdout: string): string {
  return /(\S+): (?:finished|held|paused|started)/.exec(stdout)?.[1] ?? 'no campaign';
}
