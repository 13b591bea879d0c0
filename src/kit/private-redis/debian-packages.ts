/**
 * Unpacks the redis-server of a Debian or Ubuntu into a folder: from the system's own package sources,
 * checked against its keys, without root and without touching what the system knows of its packages.
 */

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serverNames } from './binary.ts';
import { runCommand, type CommandResult, type Environment } from './command.ts';

const NETWORK_MS = 120_000;
const LOCAL_MS = 30_000;

/** Where the server's program is; in Debian 12 it is a link into redis-tools. */
const PROGRAMS = /^(redis|valkey)/;
/** What else it needs to run; not adduser, perl and init scripts. */
const LIBRARIES = /^(lib|lua)/;

type Run = (command: string, args: readonly string[], timeoutMs?: number) => Promise<CommandResult>;

/** Whether the tools of a Debian are on PATH. */
export async function hasPackageTools(env: Environment): Promise<boolean> {
  const run = makeRun(env);
  const tools = ['apt-get', 'apt-cache', 'dpkg-deb', 'dpkg-query'];
  const results = await Promise.all(tools.map((tool) => run(tool, ['--version'])));
  return results.every(({ ok }) => ok);
}

/**
 * Unpacks the server, and the libraries this system lacks, into `root`; downloads and package lists go
 * to `work`. Both must be the caller's own. Returns what went wrong, if anything.
 */
export async function unpackRedisServer(
  work: string,
  root: string,
  env: Environment,
): Promise<string | undefined> {
  const options = await writeAptOptions(work);
  const run = makeRun(env, work);

  // Sources that fail, somebody else's perhaps, do not matter as long as ours came.
  const update = await run('apt-get', [...options, 'update'], NETWORK_MS);
  const packages = await selectPackages(run, options);
  if (packages.length === 0) {
    const complaint = /^[WE]: .*/m.exec(update.stderr)?.[0] ?? update.problem;
    return `the package sources have no ${serverNames.join(' or ')}${complaint && `: ${complaint}`}`;
  }
  const download = await run('apt-get', [...options, 'download', ...packages], NETWORK_MS);
  if (!download.ok) return download.problem;

  for (const file of await readdir(work)) {
    if (!file.endsWith('.deb')) continue;
    const unpack = await run('dpkg-deb', ['-x', file, root]);
    if (!unpack.ok) return unpack.problem;
  }
  return undefined;
}

/** Each command in the folder `cwd`, saying things in English, because they are read. */
function makeRun(env: Environment, cwd?: string): Run {
  return (command, args, timeoutMs = LOCAL_MS) =>
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
      // Hooks of the system after an update; as root they would do their work.
      '#clear APT::Update::Pre-Invoke;',
      '#clear APT::Update::Post-Invoke;',
      '#clear APT::Update::Post-Invoke-Success;',
      'Debug::NoLocking "1";',
      // As root, apt would work as its own user, who may not enter a home folder.
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

/** The first server that the sources have, with all it needs and the system lacks. */
async function selectPackages(run: Run, options: readonly string[]): Promise<string[]> {
  for (const server of serverNames) {
    const selected = new Set<string>();
    let layer: readonly string[] = [server];
    while (layer.length > 0) {
      const { ok, stdout } = await run('apt-cache', [...options, 'depends', '--important', ...layer]);
      if (!ok) break;
      for (const name of layer) selected.add(name);
      const wanted = parseDepends(stdout).filter((name) => !selected.has(name));
      const libraries = wanted.filter((name) => LIBRARIES.test(name));
      layer = [...wanted.filter((name) => PROGRAMS.test(name)), ...(await dropInstalled(run, libraries))];
    }
    if (selected.size > 0) return [...selected];
  }
  return [];
}

async function dropInstalled(run: Run, packages: readonly string[]): Promise<string[]> {
  if (packages.length === 0) return [];
  // Fails when it does not know one of them; those it knows are listed all the same.
  const format = '${Package} ${db:Status-Status}\n';
  const { stdout } = await run('dpkg-query', ['-W', '-f', format, ...packages]);
  const lines = new Set(stdout.split('\n'));
  return packages.filter((name) => !lines.has(`${name} installed`));
}

/**
 * Names from `apt-cache depends`. Of alternatives (marked `|` but for the last) the first; of a
 * virtual package, in angle brackets, the first provider of those listed below it.
 */
export function parseDepends(text: string): string[] {
  const names = new Set<string>();
  let alternativeTaken = false;
  let providerWanted = false;
  for (const line of text.split('\n')) {
    const [, bar, name] = /^ ([ |])(?:Pre)?Depends: (\S+)/.exec(line) ?? [];
    if (name !== undefined) {
      providerWanted = !alternativeTaken && name.startsWith('<');
      if (!alternativeTaken && !providerWanted) names.add(name);
      alternativeTaken = bar === '|';
    } else if (providerWanted && line.startsWith('    ')) {
      names.add(line.trim());
      providerWanted = false;
    }
  }
  return [...names];
}
