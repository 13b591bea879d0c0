/**
 * The server's process: spawned detached so that it outlives its parent, and found again by its pid file
 * and command line, so that no foreign process is ever signaled.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { logRotation, rotateIfLarge } from '../logs/log-file.ts';
import { runCommand } from '../run-command.ts';
import type { RedisServerBinary } from './binary.ts';
import { SOCKET_NAME, type RedisLocation } from './location.ts';
import { PRIVATE_FILE } from '../files.ts';

/** When writes are synced to disk: every second, or before each reply. */
export type AppendFsync = 'everysec' | 'always';

export interface SpawnedServer {
  readonly pid: number | undefined;
  hasExited(): boolean;
  terminate(): void;
  /** Returns what the server has logged. */
  log(): Promise<string>;
  /** Returns why the server does not answer, with the last lines of its log. */
  explain(): Promise<string>;
}

const LOG_LINES_SHOWN = 8;
const POLL_MS = 20;

/** Spawns a server; the caller must wait until it answers. */
export async function spawnServer(
  binary: RedisServerBinary,
  location: RedisLocation,
  appendfsync: AppendFsync,
): Promise<SpawnedServer> {
  rotateIfLarge(location.logFile, logRotation);
  // Errors about an option or a missing library are printed before the server opens its own log.
  const log = await open(location.logFile, 'a', PRIVATE_FILE);
  const logStart = (await log.stat()).size;
  let exitReason = '';
  let child: ChildProcess;
  try {
    child = spawn(binary.file, serverArguments(location, appendfsync), {
      cwd: location.folder,
      // In its own process group: Ctrl-C in the terminal goes to passbridge, which stops the server in order.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: binary.env,
    });
  } finally {
    await log.close();
  }
  child.once('error', (error) => (exitReason = error.message));
  child.once('exit', (code, signal) => (exitReason = signal ?? `exit code ${code}`));
  child.unref();
  const written = async () => (await readFile(location.logFile)).subarray(logStart).toString().trim();

  return {
    pid: child.pid,
    hasExited: () => exitReason !== '',
    terminate: () => void child.kill('SIGTERM'),
    log: written,
    explain: async () => {
      const reason = exitReason === '' ? 'it does not answer' : exitReason;
      const lines = (await written()).split('\n').slice(-LOG_LINES_SHOWN).join('\n  ');
      return `${binary.file} did not start (${reason}). The end of its log, ${location.logFile}:\n  ${lines}`;
    },
  };
}

function serverArguments(
  { folder, pidFile, logFile, processTitle }: RedisLocation,
  appendfsync: AppendFsync,
) {
  const settings: Record<string, string> = {
    // No TCP: only users who may enter the folder can connect.
    port: '0',
    unixsocket: SOCKET_NAME,
    unixsocketperm: '700',
    dir: folder,
    pidfile: pidFile,
    logfile: logFile,
    appendonly: 'yes',
    appendfsync,
    save: '',
    'maxmemory-policy': 'noeviction',
    'proc-title-template': `{title} ${processTitle}`,
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Returns the pid in the pid file if that process is this location's server. */
export async function findServerPid(location: RedisLocation): Promise<number | undefined> {
  const pid = Number(await readFile(location.pidFile, 'utf8').catch(() => ''));
  return pid > 0 && (await isServer(pid, location)) ? pid : undefined;
}

/** Waits until the server has exited; false if it still runs after `limitMs`. */
export async function waitForExit(pid: number, location: RedisLocation, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (await isServer(pid, location)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/**
 * Checks more than whether the process exists: its pid may have been reused by another program, and a dead
 * server stays a zombie in a container whose init process does not reap.
 */
async function isServer(pid: number, { processTitle }: RedisLocation): Promise<boolean> {
  return (await readCommandLine(pid)).includes(processTitle);
}

/** Returns an empty text for a zombie or a process that has exited. */
async function readCommandLine(pid: number): Promise<string> {
  // Slim images lack `ps`, and macOS lacks /proc.
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const { stdout } = await runCommand('ps', ['-ww', '-o', 'args=', '-p', String(pid)], {
    env: { PATH: '/bin:/usr/bin' },
    timeoutMs: 5_000,
  });
  return stdout;
}
