/**
 * Finds a redis-server: the one named by the operator, else one on PATH, else one fetched earlier, else
 * one fetched now from the packages of a Debian or Ubuntu. What it returns was run once, so it runs.
 */

import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { fillCache, findCacheFolder, unpackedServer } from './binary-cache.ts';
import { findFault, serverNames, type RedisServerBinary } from './binary.ts';
import type { Environment } from './command.ts';
import { hasPackageTools } from './debian-packages.ts';
import { PrivateRedisError } from './private-redis-error.ts';

export interface BinaryLookup {
  /** REDIS_SERVER_BIN: a path; nothing else is tried then. */
  binary?: string | undefined;
  /** Where fetched servers are kept, a folder for each system. */
  cacheDir: string;
  /** The program's environment: PATH, and what child commands need (proxies). */
  env: Environment;
  say: (line: string) => void;
}

/** Follows the look-up order. Throws a PrivateRedisError that says what to install, and how. */
export async function findRedisServer(lookup: BinaryLookup): Promise<RedisServerBinary> {
  const { binary, cacheDir, env, say } = lookup;
  if (binary !== undefined) {
    const fault = await findFault({ file: binary, env });
    if (fault === undefined) return { file: binary, env };
    throw new PrivateRedisError(`REDIS_SERVER_BIN cannot be used: ${fault}.`);
  }

  const faults: string[] = [];
  for (const file of await findOnPath(env)) {
    const fault = await findFault({ file, env });
    if (fault === undefined) return { file, env };
    faults.push(fault);
  }

  const folder = await findCacheFolder(cacheDir);
  if (folder !== undefined) {
    const cached = await unpackedServer(folder, env);
    if (cached !== undefined && (await findFault(cached)) === undefined) return cached;
    if (await hasPackageTools(env)) {
      say(`No redis-server on this machine: fetching the system's own package into ${folder} (once, 20 MB).`);
      // A home folder that cannot be written to, say: the advice below still holds.
      const fetched = await fillCache(folder, env).catch((error: unknown) => ({ fault: String(error) }));
      if ('file' in fetched) return fetched;
      faults.push(`Fetching it failed: ${fetched.fault}`);
    }
  }
  throw new PrivateRedisError(adviseInstall(faults));
}

async function findOnPath(env: Environment): Promise<string[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const files = serverNames.flatMap((name) => folders.map((folder) => join(folder, name)));
  const checks = await Promise.allSettled(files.map((file) => access(file, constants.X_OK)));
  return files.filter((_file, index) => checks[index]?.status === 'fulfilled');
}

function adviseInstall(faults: readonly string[]): string {
  return [
    'passbridge needs a Redis and found none: REDIS_URL is not set, and no redis-server or valkey-server on PATH can be used.',
    ...faults.map((fault) => `  (${fault})`),
    'Install one and start again:',
    '  Debian, Ubuntu  sudo apt-get install redis-server',
    '  macOS           brew install redis',
    '  Fedora          sudo dnf install redis',
    '  Alpine          sudo apk add redis',
    'or run one in Docker and set REDIS_URL=redis://127.0.0.1:6379:',
    '  docker run -d -p 127.0.0.1:6379:6379 -v passbridge-redis:/data redis:7 redis-server --appendonly yes --maxmemory-policy noeviction',
  ].join('\n');
}
