/** Runs another program for a bounded time. That it fails is a value; its words are kept for the message. */

import { execFile } from 'node:child_process';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandResult {
  ok: boolean;
  stdout: string;
  stderr: string;
  /** Why it failed: the command, and the last line it said. Empty when it went well. */
  problem: string;
}

interface CommandOptions {
  env: Environment;
  timeoutMs: number;
  cwd?: string;
}

/** Runs `file` with `args`, without a shell; killed when `timeoutMs` are over. Never rejects. */
export function runCommand(
  file: string,
  args: readonly string[],
  { env, timeoutMs, cwd }: CommandOptions,
): Promise<CommandResult> {
  const options = { env, timeout: timeoutMs, cwd, killSignal: 'SIGKILL', maxBuffer: 16_000_000 } as const;
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ ok: true, stdout, stderr, problem: '' });
      const lastWords = stderr.trim().split('\n').at(-1) ?? '';
      const cause =
        error.killed === true ? `no end within ${timeoutMs / 1000} s` : lastWords || error.message;
      resolve({ ok: false, stdout, stderr, problem: `${[file, ...args.slice(0, 1)].join(' ')}: ${cause}` });
    });
  });
}
