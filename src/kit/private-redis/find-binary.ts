/**
 * Finds a redis-server: the one configured by the operator, else one on PATH, else one downloaded earlier, else
 * one downloaded now from the packages of a Debian or Ubuntu. The result was run once, so it works.
 */

import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Environment } from '../run-command.ts';
import { findFault, serverNames, type RedisServerBinary } from './binary.ts';
import { fillCache, findCacheFolder, hasPackageTools, unpackedServer } from './debian-download.ts';
import { PrivateRedisError } from './location.ts';

export interface BinaryLookup {
  /** REDIS_SERVER_BIN: a path. If set, no other server is tried. */
  binary?: string | undefined;
  /** Folder for downloaded servers, with a subfolder per system. */
  cacheDir: string;
  /** The process environment: PATH, and variables that child commands need (proxies). */
  env: Environment;
  say: (line: string) => void;
}

/** Throws a `PrivateRedisError` that says what to install, and how. */
export async function findRedisServer(lookup: BinaryLookup): Promise<RedisServerBinary> {
  const { binary, cacheDir, env, say } = lookup;
  if (binary !== undefined) {
    const fault = await findFault({ file: binary, env });
    if (fault === undefined) return { file: binary, env };
    throw new PrivateRedisError(`REDIS_SERVER_BIN cannot be used: ${fault}. Correct or remove it.`);
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
      say(`No redis-server found: downloading the system's package to ${folder} (once, 20 MB).`);
      // E.g. a home folder that is not writable. The advice below still applies.
      const downloaded = await fillCache(folder, env).catch((error: unknown) => ({ fault: String(error) }));
      if ('file' in downloaded) return downloaded;
      faults.push(`The download failed: ${downloaded.fault}`);
    }
  }
  throw new PrivateRedisError(installAdvice(faults));
}

async function findOnPath(env: Environment): Promise<string[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const files = serverNames.flatMap((name) => folders.map((folder) => join(folder, name)));
  const checks = await Promise.allSettled(files.map((file) => access(file, constants.X_OK)));
  return files.filter((_file, index) => checks[index]?.status === 'fulfilled');
}

function installAdvice(faults: readonly string[]): string {
  return [
    'passbridge needs Redis and found none: REDIS_URL is not set, and PATH has no usable redis-server or valkey-server.',
    ...faults.map((fault) => `  (${fault})`),
    'Install it and start passbridge again:',
    '  Debian, Ubuntu  sudo apt-get install redis-server',
    '  macOS           brew install redis',
    '  Fedora          sudo dnf install redis',
    '  Alpine          sudo apk add redis',
    'or run it in Docker and set REDIS_URL=redis://127.0.0.1:6379:',
    '  docker run -d -p 127.0.0.1:6379:6379 -v passbridge-redis:/data redis:7 redis-server --appendonly yes --maxmemory-policy noeviction',
  ].join('\n');
}
