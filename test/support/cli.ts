/** The real command line, within the test process or in processes of its own, each test in its own folder. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { settingsFor } from '../../src/services/local-sandbox.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { type Ended, runCommand } from './command.ts';
import { eventually } from './eventually.ts';
import { expectNoLeak } from './leak-watch.ts';
import { sharedDataDir, testPrefix } from './redis.ts';

export type { Ended } from './command.ts';

/** Another build, e.g. of an installed package. */
const otherMain = process.env['PASSBRIDGE_MAIN'];
const main = resolve(otherMain ?? 'dist/main.js');

const examplePrograms = resolve('examples/programs.yaml');

/** These commands log to the descriptors of their process, and end by a signal to it. */
const services = new Set(['up', 'sandbox', 'demo']);

type Variables = Record<string, string | undefined>;

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
    PROGRAMS_FILE: examplePrograms,
    PORT: '0',
    WRITEBACK_MAX_WAIT_MS: '200',
    ...settingsFor(sandbox),
  };

  const start = (args: readonly string[], more: Variables = {}, program = main): Running => {
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

  /** Runs a command to its end, within the test process unless the command or the build needs a process. */
  const run = async (args: readonly string[], more: Variables = {}, input = ''): Promise<Ended> => {
    if (otherMain !== undefined || services.has(args[0] ?? '')) {
      const running = start(args, more);
      running.child.stdin?.end(input);
      return running.ended;
    }
    const output = await runCommand(args, { folder, env: { ...env, ...more }, input });
    expectNoLeak(output, { ...env, ...more });
    return output;
  };

  return {
    folder,
    sandbox,
    env,
    /** Starts a process. */
    start,
    run,
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
  return /(\S+): (?:planned|finished|held|paused|started)/.exec(stdout)?.[1] ?? 'no campaign';
}
