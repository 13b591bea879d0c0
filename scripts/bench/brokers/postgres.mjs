/**
 * A PostgreSQL server for one run, from the binaries of this machine. A commit returns before it is on disk
 * (synchronous_commit off): a power cut loses about as much as with Redis and everysec.
 */

import { execFile, spawn } from 'node:child_process';
import { chown, mkdir, readdir } from 'node:fs/promises';
import { closeSync, openSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { killAtExit, stopChild } from '../child.mjs';
import { familyOf } from '../proc.mjs';

const run = promisify(execFile);
const START_MS = 20_000;
/** The uid and gid of the server if this process is root, because PostgreSQL refuses to run as root. */
const UNPRIVILEGED_ID = 65_534;

/** Returns the folder of initdb and postgres, or undefined if PostgreSQL is not installed. */
export async function findPostgres() {
  const parent = '/usr/lib/postgresql';
  const versions = await readdir(parent).catch(() => []);
  const newest = versions.toSorted((a, b) => Number(b) - Number(a)).map((name) => join(parent, name, 'bin'));
  for (const folder of [...newest, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    const names = await readdir(folder).catch(() => /** @type {string[]} */ ([]));
    if (names.includes('initdb') && names.includes('postgres')) return folder;
  }
  return undefined;
}

/** @param {string} folder */
export async function openPostgres(folder) {
  const bin = await findPostgres();
  if (bin === undefined) throw new Error('PostgreSQL is not installed: initdb and postgres were not found.');
  const home = join(folder, 'postgres');
  await mkdir(home, { mode: 0o700 });
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {};
  // The server must be able to enter the folder of the run.
  if (isRoot)
    await Promise.all([
      chown(home, UNPRIVILEGED_ID, UNPRIVILEGED_ID),
      chown(folder, UNPRIVILEGED_ID, UNPRIVILEGED_ID),
    ]);
  const data = join(home, 'data');
  const options = { ...user, cwd: home, env: { ...process.env, LC_ALL: 'C' } };
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    options,
  );

  const settings = ['listen_addresses=', `unix_socket_directories=${home}`, 'synchronous_commit=off'];
  const log = join(folder, 'postgres.log');
  const file = openSync(log, 'a');
  const server = killAtExit(
    spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...options,
      stdio: ['ignore', file, file],
    }),
    log,
  );
  closeSync(file);
  // SIGINT requests PostgreSQL's fast shutdown.
  const close = () => stopChild(server, 'SIGINT');
  const connection = { host: home, user: 'bench', database: 'postgres' };
  const version = await waitForVersion(connection).catch(async (error) => {
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

/** Returns the server's version as soon as it accepts connections. */
async function waitForVersion(connection) {
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
