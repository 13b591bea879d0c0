/** Runs another program with a timeout. A failure is a value that includes the program's error message. */

import { execFile } from 'node:child_process';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandResult {
  ok: boolean;
  stdout: string;
  stderr: string;
  /** The command and the last line of its stderr; empty on success. */
  problem: string;
}

interface CommandOptions {
  env: Environment;
  timeoutMs: number;
  cwd?: string;
}

/** Runs `file` with `args`, without a shell, and kills it after `timeoutMs`. Never rejects. */
export function runCommand(
  file: string,
  args: readonly string[],
  { env, timeoutMs, cwd }: CommandOptions,
): Promise<CommandResult> {
  const options = { env, timeout: timeoutMs, cwd, killSignal: 'SIGKILL', maxBuffer: 16_000_000 } as const;
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ ok: true, stdout, stderr, problem: '' });
      const lastLine = stderr.trim().split('\n').at(-1) ?? '';
      const cause =
        error.killed === true ? `timed out after ${timeoutMs / 1000} s` : lastLine || error.message;
      resolve({ ok: false, stdout, stderr, problem: `${[file, ...args.slice(0, 1)].join(' ')}: ${cause}` });
    });
  });
}
