/** The server as a process: found by its pidfile, known by its command line, so that no stranger is signalled. */

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from './command.ts';
import type { Place } from './location.ts';

const POLL_MS = 20;

/** The pid in the place's pidfile, if the server of this very place still runs under it. */
export async function findServerProcess(place: Place): Promise<number | undefined> {
  const pid = Number(await readFile(place.pidFile, 'utf8').catch(() => ''));
  return pid > 0 && (await serves(pid, place)) ? pid : undefined;
}

/** Waits until the server is gone; false when it still runs after `limitMs`. */
export async function waitUntilGone(pid: number, place: Place, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (await serves(pid, place)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/**
 * Whether `pid` is the server of this place. More than "is it alive": a pid may have been given to
 * another program, and a dead server stays a zombie in a container whose first process does not reap.
 */
async function serves(pid: number, place: Place): Promise<boolean> {
  return (await readCommandLine(pid)).includes(place.mark);
}

/** Empty for a process that is gone or a zombie. */
async function readCommandLine(pid: number): Promise<string> {
  // Slim images have no `ps`, and macOS has no /proc.
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const listed = await runCommand('ps', ['-ww', '-o', 'args=', '-p', String(pid)], {
    env: { PATH: '/bin:/usr/bin' },
    timeoutMs: 5_000,
  });
  return listed.stdout;
}
