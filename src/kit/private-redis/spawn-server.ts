/** Starts a redis-server that outlives its parent: only a stop on purpose ends it, not a Ctrl-C or a crash. */

import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import type { RedisServerBinary } from './binary.ts';
import { SOCKET_NAME, type Place } from './location.ts';

/** When writes reach the disk: within a second, or before each answer. */
export type AppendFsync = 'everysec' | 'always';

export interface SpawnedServer {
  readonly pid: number | undefined;
  ended(): boolean;
  terminate(): void;
  /** Why it does not answer, in the last lines of its log. */
  explain(): Promise<string>;
}

const LOG_LINES_SHOWN = 8;

/** Starts the server in its place; whether it comes up is for the caller to watch. */
export async function spawnServer(
  binary: RedisServerBinary,
  place: Place,
  appendfsync: AppendFsync,
): Promise<SpawnedServer> {
  // What it says before it opens its log, about an option or a missing library, would be lost otherwise.
  const log = await open(place.logFile, 'a', 0o600);
  const begin = (await log.stat()).size;
  let end = '';
  let child: ChildProcess;
  try {
    child = spawn(binary.file, serverArguments(place, appendfsync), {
      cwd: place.folder,
      // A process group of its own: Ctrl-C in the terminal goes to the program, which stops it in order.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: binary.env,
    });
  } finally {
    await log.close();
  }
  child.once('error', (error) => (end = error.message));
  child.once('exit', (code, signal) => (end = signal ?? `exit code ${code}`));
  child.unref();

  return {
    pid: child.pid,
    ended: () => end !== '',
    terminate: () => void child.kill('SIGTERM'),
    explain: async () => {
      const written = (await readFile(place.logFile)).subarray(begin).toString().trim();
      const why = end === '' ? 'it does not answer' : end;
      const lines = written.split('\n').slice(-LOG_LINES_SHOWN).join('\n  ');
      return `${binary.file} did not start (${why}). Its log, ${place.logFile}, ends:\n  ${lines}`;
    },
  };
}

function serverArguments(place: Place, appendfsync: AppendFsync): string[] {
  const settings: Record<string, string> = {
    // No TCP at all: only who may enter the folder can reach it.
    port: '0',
    unixsocket: SOCKET_NAME,
    unixsocketperm: '700',
    dir: place.folder,
    pidfile: place.pidFile,
    logfile: place.logFile,
    appendonly: 'yes',
    appendfsync,
    save: '',
    'maxmemory-policy': 'noeviction',
    'proc-title-template': `{title} ${place.mark}`,
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}
