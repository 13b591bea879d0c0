/** Processes that the bench starts, and that it never leaves behind. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { atExit } from './at-exit.mjs';

const STOP_MS = 10_000;

/** Starts node with `args`; what it prints goes to the end of the file `log`. */
export function startNode(args, { log, env }) {
  const file = openSync(log, 'a');
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', file, file] });
  closeSync(file);
  return watched(child, log);
}

/** Has `child` killed with the bench, should it still run then. */
export function watched(child, log) {
  child.once(
    'exit',
    atExit(() => child.kill('SIGKILL')),
  );
  child.log = log;
  return child;
}

export function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Waits for the end; throws with its last words where it went wrong. */
export async function endedWell(child) {
  if (!hasEnded(child)) await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(lastWords(child));
}

/** Resolves never, rejects as soon as it ends. */
export async function endedEarly(child) {
  if (!hasEnded(child)) await once(child, 'exit');
  throw new Error(`ended too early: ${lastWords(child)}`);
}

/** Ends it: with SIGKILL where `signal` was not enough within 10 s. */
export async function stopChild(child, signal = 'SIGKILL') {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

function lastWords({ spawnargs, log }) {
  const said = log === undefined ? '' : readFileSync(log, 'utf8').trim().split('\n').slice(-15).join('\n');
  return `${spawnargs.slice(1, 3).join(' ')}\n${said}`;
}
