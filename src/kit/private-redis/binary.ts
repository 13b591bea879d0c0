/** A redis-server or valkey-server executable, and the check that it can serve as a private Redis. */

import { runCommand, type Environment } from '../run-command.ts';

export interface RedisServerBinary {
  file: string;
  /** The environment to run it in; a downloaded server needs its libraries added. */
  env: Environment;
}

export const serverNames = ['redis-server', 'valkey-server'] as const;

/** Redis 6.2 introduced `proc-title-template`, by which our server is told apart from others. */
const MIN_VERSION = [6, 2] as const;
const VERSION_TIMEOUT_MS = 10_000;

/** Runs the binary with `--version`. Returns what is wrong with it; undefined if it runs and is new enough. */
export async function findFault({ file, env }: RedisServerBinary): Promise<string | undefined> {
  const { ok, stdout, problem } = await runCommand(file, ['--version'], {
    env,
    timeoutMs: VERSION_TIMEOUT_MS,
  });
  if (!ok) return problem;
  const [, version, major, minor] = /\bv=((\d+)\.(\d+)\S*)/.exec(stdout) ?? [];
  if (version === undefined) return 'its --version output is of neither redis-server nor valkey-server';
  const difference = Number(major) - MIN_VERSION[0] || Number(minor) - MIN_VERSION[1];
  if (difference >= 0) return undefined;
  return `version ${version} is too old; ${MIN_VERSION.join('.')} or newer is needed`;
}
