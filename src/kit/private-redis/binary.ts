/** A redis-server or valkey-server as a file, and whether it is fit for a private Redis. */

import { runCommand, type Environment } from './command.ts';

export interface RedisServerBinary {
  file: string;
  /** The environment to run it in: the program's own or, for a fetched one, with its libraries added. */
  env: Environment;
}

export const serverNames = ['redis-server', 'valkey-server'] as const;

/** Redis 6.2 is the first with `proc-title-template`, by which a server of ours is told from others. */
const MINIMUM = [6, 2] as const;
const VERSION_MS = 10_000;

/** What is wrong with a binary; undefined when it was run, and is new enough. */
export async function findFault({ file, env }: RedisServerBinary): Promise<string | undefined> {
  const { ok, stdout, problem } = await runCommand(file, ['--version'], { env, timeoutMs: VERSION_MS });
  if (!ok) return problem;
  const [, version, major, minor] = /\bv=((\d+)\.(\d+)\S*)/.exec(stdout) ?? [];
  if (version === undefined) return 'by its --version it is neither redis-server nor valkey-server';
  const ahead = Number(major) - MINIMUM[0] || Number(minor) - MINIMUM[1];
  return ahead >= 0 ? undefined : `version ${version} is too old; ${MINIMUM.join('.')} or newer is needed`;
}
