/**
 * A real PostgreSQL for one run, from the binaries of this machine. A commit is answered before it is on
 * disk (synchronous_commit off), which loses in a power cut about what Redis with everysec does.
 */

import { execFile, spawn } from 'node:child_process';
import { chown, mkdir, readdir } from 'node:fs/promises';
import { closeSync, openSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { stopChild, watched } from '../child.mjs';
import { familyOf } from '../proc.mjs';

const run = promisify(execFile);
const START_MS = 20_000;
/** PostgreSQL refuses to run as root: then it runs as nobody. */
const NOBODY = 65_534;

/** The folder of initdb and postgres; undefined where there is none. */
export async function findPostgres() {
  const parent = '/usr/lib/postgresql';
  const versions = await readdir(parent).catch(() => []);
  const newest = versions.toSorted((a, b) => Number(b) - Number(a)).map((name) => join(parent, name, 'bin'));
  for (const folder of [...newest, ...process.env.PATH.split(delimiter)]) {
    const names = await readdir(folder).catch(() => []);
    if (names.includes('initdb') && names.includes('postgres')) return folder;
  }
  return undefined;
}

export async function openPostgres(folder) {
  const bin = await findPostgres();
  const home = join(folder, 'postgres');
  await mkdir(home, { mode: 0o700 });
  const isRoot = process.getuid() === 0;
  const who = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  // It has to pass through the folder of the run, and owns only its own.
  if (isRoot) await Promise.all([chown(home, NOBODY, NOBODY), chown(folder, NOBODY, NOBODY)]);
  const data = join(home, 'data');
  const options = { ...who, cwd: home, env: { ...process.env, LC_ALL: 'C' } };
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    options,
  );

  const settings = ['listen_addresses=', `unix_socket_directories=${home}`, 'synchronous_commit=off'];
  const log = join(folder, 'postgres.log');
  const file = openSync(log, 'a');
  const server = watched(
    spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...options,
      stdio: ['ignore', file, file],
    }),
    log,
  );
  closeSync(file);
  // SIGINT is its fast shutdown.
  const close = () => stopChild(server, 'SIGINT');
  const connection = { host: home, user: 'bench', database: 'postgres' };
  const version = await answered(connection).catch(async (error) => {
    await close();
    throw error;
  });
  return {
    name: `PostgreSQL ${version}, synchronous_commit off`,
    connection: {
      ...connection,
      connectionString: `postgres://bench@/postgres?host=${encodeURIComponent(home)}`,
    },
    pids: () => familyOf(server.pid),
    close,
  };
}

/** Its version, once it answers. */
async function answered(connection) {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const client = new Client(connection);
    try {
      await client.connect();
      const { rows } = await client.query('show server_version');
      return rows[0].server_version;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
