/**
 * A Redis of passbridge's own, for those who brought none: processes with the same DATA_DIR share it.
 * Its data survive every end of a process; it listens on a unix socket that only its user can enter.
 */

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './command.ts';
import { findRedisServer } from './find-binary.ts';
import { openPlace } from './location.ts';
import type { AppendFsync } from './spawn-server.ts';
import { beginTenancy } from './tenancy.ts';

export interface PrivateRedisOptions {
  /** The data live in its subfolder `redis`. */
  dataDir: string;
  /** The program's environment: PATH, XDG_CACHE_HOME, and what child commands need (proxies). */
  env: Environment;
  /** REDIS_SERVER_BIN. */
  binary?: string | undefined;
  /** Where a fetched server is kept; by default `passbridge/redis-server` in the user's cache. */
  cacheDir?: string | undefined;
  /** Default `everysec`: a power cut may lose the last second; the end of a process loses nothing. */
  appendfsync?: AppendFsync | undefined;
  /** Takes what an operator should know: a fetch, a long wait, a restart. */
  say?: (line: string) => void;
}

export interface PrivateRedis {
  /** Its unix socket; good until `close`. */
  readonly path: string;
  /** Of the server that runs now; another one after a restart. */
  readonly pid: number;
  /** Call it after every other connection is closed; the last process out stops the server. Twice is once. */
  close(): Promise<void>;
}

/** Resolves when the server answers. Throws a PrivateRedisError where only the operator can help. */
export async function openPrivateRedis({
  dataDir,
  env,
  binary,
  cacheDir = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'passbridge', 'redis-server'),
  appendfsync = 'everysec',
  say = () => {},
}: PrivateRedisOptions): Promise<PrivateRedis> {
  const place = await openPlace(dataDir);
  const findBinary = () => findRedisServer({ binary, cacheDir, env, say });
  const tenancy = await beginTenancy({ place, appendfsync, findBinary, say }).catch(
    async (error: unknown) => {
      await place.leave();
      throw error;
    },
  );
  const leave = async () => {
    try {
      await tenancy.leave();
    } finally {
      await place.leave();
    }
  };
  let closed: Promise<void> | undefined;
  return {
    path: place.socketPath,
    get pid() {
      return tenancy.pid;
    },
    close: () => (closed ??= leave()),
  };
}
