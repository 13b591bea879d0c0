/**
 * Downloads redis-server from the package sources of a Debian or Ubuntu into passbridge's own cache, checked
 * against the system's keys, without root and without touching its package database. There is one cache
 * folder per system and architecture; it appears as a whole or not at all, even if several processes fill it.
 */

import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CommandResult, type Environment, runCommand } from '../run-command.ts';
import { findFault, type RedisServerBinary, serverNames } from './binary.ts';

/** Returns cacheDir/debian-12-x64, for example; undefined on a system without os-release (macOS). */
export async function findCacheFolder(cacheDir: string): Promise<string | undefined> {
  // https://www.freedesktop.org/software/systemd/man/os-release.html
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}=["']?([\\w.-]+)`, 'm').exec(release)?.[1];
  const id = field('ID');
  if (id === undefined) return undefined;
  return join(cacheDir, [id, field('VERSION_ID') ?? 'rolling', process.arch].join('-'));
}

/** Returns the server unpacked below `root`, with the environment to find its libraries; undefined if there is none. */
export async function unpackedServer(root: string, env: Environment): Promise<RedisServerBinary | undefined> {
  for (const name of serverNames) {
    const file = join(root, 'usr/bin', name);
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (exists) return { file, env: { ...env, LD_LIBRARY_PATH: await libraryPath(root) } };
  }
  return undefined;
}

/** Debian stores libraries by architecture, e.g. in usr/lib/x86_64-linux-gnu. */
async function libraryPath(root: string): Promise<string> {
  const listings = await Promise.all(
    ['usr/lib', 'lib'].map(async (parent) => {
      const names = await readdir(join(root, parent)).catch(() => []);
      return names.filter((name) => name.includes('-linux-')).map((name) => join(root, parent, name));
    }),
  );
  return listings.flat().join(':');
}

/** Downloads the server into the cache `folder`, replacing a server there that does not run. */
export async function fillCache(
  folder: string,
  env: Environment,
): Promise<RedisServerBinary | { fault: string }> {
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.fetch-`);
  try {
    const fault = await unpackRedisServer(work, join(work, 'root'), env);
    if (fault !== undefined) return { fault };
    const downloaded = await checkServer(join(work, 'root'), env);
    if ('fault' in downloaded) return downloaded;
    await publish(work, folder, env);
    return await checkServer(folder, env);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function checkServer(root: string, env: Environment): Promise<RedisServerBinary | { fault: string }> {
  const binary = await unpackedServer(root, env);
  if (binary === undefined) return { fault: 'the packages contain no server' };
  const fault = await findFault(binary);
  return fault === undefined ? binary : { fault };
}

/** Moves the downloaded server into the cache; safe to run in several processes at once. */
async function publish(work: string, folder: string, env: Environment): Promise<void> {
  for (const name of ['broken-1', 'broken-2']) {
    try {
      return await rename(join(work, 'root'), folder);
    } catch {
      // The folder exists: either a faster process filled it, or its server no longer runs.
      if ('file' in (await checkServer(folder, env))) return;
      await rename(folder, join(work, name)).catch(() => {});
    }
  }
  await rename(join(work, 'root'), folder);
}

const NETWORK_TIMEOUT_MS = 120_000;
const LOCAL_TIMEOUT_MS = 30_000;

/** Packages with the server executable; in Debian 12 it is a link into redis-tools. */
const PROGRAM_PACKAGES = /^(redis|valkey)/;
/** Other packages that it needs to run; not adduser, perl and init scripts. */
const LIBRARY_PACKAGES = /^(lib|lua)/;

type Run = (command: string, args: readonly string[], timeoutMs?: number) => Promise<CommandResult>;

/** Returns whether Debian's package tools are on PATH. */
export async function hasPackageTools(env: Environment): Promise<boolean> {
  const run = makeRun(env);
  const tools = ['apt-get', 'apt-cache', 'dpkg-deb', 'dpkg-query'];
  const results = await Promise.all(tools.map((tool) => run(tool, ['--version'])));
  return results.every(({ ok }) => ok);
}

/**
 * Unpacks the server, and the libraries this system lacks, into `root`; downloads and package lists go
 * to `work`. Both folders must be exclusive to the caller. Returns what failed; undefined on success.
 */
async function unpackRedisServer(work: string, root: string, env: Environment): Promise<string | undefined> {
  const options = await writeAptOptions(work);
  const run = makeRun(env, work);

  // A package source may fail, as long as another one has the server.
  const update = await run('apt-get', [...options, 'update'], NETWORK_TIMEOUT_MS);
  const packages = await selectPackages(run, options);
  if (packages.length === 0) {
    const reason = /^[WE]: .*/m.exec(update.stderr)?.[0] ?? update.problem;
    return `the package sources have no ${serverNames.join(' or ')}${reason && `: ${reason}`}`;
  }
  const download = await run('apt-get', [...options, 'download', ...packages], NETWORK_TIMEOUT_MS);
  if (!download.ok) return download.problem;

  for (const file of await readdir(work)) {
    if (!file.endsWith('.deb')) continue;
    const unpack = await run('dpkg-deb', ['-x', file, root]);
    if (!unpack.ok) return unpack.problem;
  }
  return undefined;
}

/** Returns a function that runs commands in `cwd` with English output, because it is parsed. */
function makeRun(env: Environment, cwd?: string): Run {
  return (command, args, timeoutMs = LOCAL_TIMEOUT_MS) =>
    runCommand(command, args, { env: { ...env, LC_ALL: 'C' }, timeoutMs, ...(cwd !== undefined && { cwd }) });
}

async function writeAptOptions(work: string): Promise<string[]> {
  await Promise.all(
    ['lists/partial', 'cache/archives/partial'].map((name) => mkdir(join(work, name), { recursive: true })),
  );
  const file = join(work, 'apt.conf');
  await writeFile(
    file,
    [
      // The system's update hooks, which would run if this process is root.
      '#clear APT::Update::Pre-Invoke;',
      '#clear APT::Update::Post-Invoke;',
      '#clear APT::Update::Post-Invoke-Success;',
      'Debug::NoLocking "1";',
      // As root, apt would switch to its own user, which may not enter a home folder.
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      'Acquire::Retries "1";',
      'Acquire::http::Timeout "5";',
      'Acquire::https::Timeout "5";',
    ].join('\n'),
  );
  return [
    '-c',
    file,
    '-o',
    `Dir::State::Lists=${join(work, 'lists')}`,
    '-o',
    `Dir::Cache=${join(work, 'cache')}`,
  ];
}

/** Returns the first server that the sources have, with the dependencies that the system lacks. */
async function selectPackages(run: Run, options: readonly string[]): Promise<string[]> {
  for (const server of serverNames) {
    const selected = new Set<string>();
    let layer: readonly string[] = [server];
    while (layer.length > 0) {
      const { ok, stdout } = await run('apt-cache', [...options, 'depends', '--important', ...layer]);
      if (!ok) break;
      for (const name of layer) selected.add(name);
      const needed = parseDepends(stdout).filter((name) => !selected.has(name));
      const libraries = needed.filter((name) => LIBRARY_PACKAGES.test(name));
      layer = [
        ...needed.filter((name) => PROGRAM_PACKAGES.test(name)),
        ...(await dropInstalled(run, libraries)),
      ];
    }
    if (selected.size > 0) return [...selected];
  }
  return [];
}

async function dropInstalled(run: Run, packages: readonly string[]): Promise<string[]> {
  if (packages.length === 0) return [];
  // Fails if one package is unknown, but still lists the others.
  const format = '${Package} ${db:Status-Status}\n';
  const { stdout } = await run('dpkg-query', ['-W', '-f', format, ...packages]);
  const lines = new Set(stdout.split('\n'));
  return packages.filter((name) => !lines.has(`${name} installed`));
}

/**
 * Parses the package names from `apt-cache depends`. Takes the first of several alternatives (all but the
 * last are marked `|`) and, for a virtual package in angle brackets, the first provider listed below it.
 */
export function parseDepends(text: string): string[] {
  const names = new Set<string>();
  let alternativeTaken = false;
  let needsProvider = false;
  for (const line of text.split('\n')) {
    const [, bar, name] = /^ ([ |])(?:Pre)?Depends: (\S+)/.exec(line) ?? [];
    if (name !== undefined) {
      needsProvider = !alternativeTaken && name.startsWith('<');
      if (!alternativeTaken && !needsProvider) names.add(name);
      alternativeTaken = bar === '|';
    } else if (needsProvider && line.startsWith('    ')) {
      names.add(line.trim());
      needsProvider = false;
    }
  }
  return [...names];
}
