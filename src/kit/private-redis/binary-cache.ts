/**
 * A redis-server unpacked into passbridge's own cache, once for each system and architecture. It
 * appears there whole or not at all, also when several processes fetch it at once.
 */

import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findFault, serverNames, type RedisServerBinary } from './binary.ts';
import type { Environment } from './command.ts';
import { unpackRedisServer } from './debian-packages.ts';

/** cacheDir/debian-12-x64, say; undefined on a system that does not tell what it is (macOS). */
export async function findCacheFolder(cacheDir: string): Promise<string | undefined> {
  // https://www.freedesktop.org/software/systemd/man/os-release.html
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}=["']?([\\w.-]+)`, 'm').exec(release)?.[1];
  const id = field('ID');
  if (id === undefined) return undefined;
  return join(cacheDir, [id, field('VERSION_ID') ?? 'rolling', process.arch].join('-'));
}

/** The server unpacked below `root`, to be run with its own libraries; undefined when there is none. */
export async function unpackedServer(root: string, env: Environment): Promise<RedisServerBinary | undefined> {
  for (const name of serverNames) {
    const file = join(root, 'usr/bin', name);
    const found = await access(file).then(
      () => true,
      () => false,
    );
    if (found) return { file, env: { ...env, LD_LIBRARY_PATH: await libraryPath(root) } };
  }
  return undefined;
}

/** Fetches the server into `folder`, replacing one there that does not run. */
export async function fillCache(
  folder: string,
  env: Environment,
): Promise<RedisServerBinary | { fault: string }> {
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.fetch-`);
  try {
    const fault = await unpackRedisServer(work, join(work, 'root'), env);
    if (fault !== undefined) return { fault };
    const fetched = await tryServer(join(work, 'root'), env);
    if ('fault' in fetched) return fetched;
    await publish(work, folder, env);
    return await tryServer(folder, env);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function tryServer(root: string, env: Environment): Promise<RedisServerBinary | { fault: string }> {
  const binary = await unpackedServer(root, env);
  if (binary === undefined) return { fault: 'the packages hold no server' };
  const fault = await findFault(binary);
  return fault === undefined ? binary : { fault };
}

/** Moves the fetched server into place; also from several processes at once. */
async function publish(work: string, folder: string, env: Environment): Promise<void> {
  for (const aside of ['broken-1', 'broken-2']) {
    try {
      return await rename(join(work, 'root'), folder);
    } catch {
      // Something is there: the same from a process that was quicker, or one whose libraries went away.
      if ('file' in (await tryServer(folder, env))) return;
      await rename(folder, join(work, aside)).catch(() => {});
    }
  }
  await rename(join(work, 'root'), folder);
}

/** Debian keeps libraries by architecture: usr/lib/x86_64-linux-gnu. */
async function libraryPath(root: string): Promise<string> {
  const listings = await Promise.all(
    ['usr/lib', 'lib'].map(async (parent) => {
      const names = await readdir(join(root, parent)).catch(() => []);
      return names.filter((name) => name.includes('-linux-')).map((name) => join(root, parent, name));
    }),
  );
  return listings.flat().join(':');
}
