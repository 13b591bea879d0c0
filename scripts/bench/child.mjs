/** Child processes of the benchmarks. None of them survives the benchmark. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { atExit } from './cleanup.mjs';

/** @typedef {import('node:child_process').ChildProcess & { log?: string | undefined }} Child */

const STOP_MS = 10_000;

/** The environment of passbridge processes; nothing else is inherited, so that settings of the operator do not apply. */
export const baseEnv = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

/**
 * Starts Node with `args` and appends its output to the file `log`.
 * @param {string[]} args
 * @param {{ log: string, env: NodeJS.ProcessEnv }} options
 */
export function startNode(args, { log, env }) {
  const file = openSync(log, 'a');
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', file, file] });
  closeSync(file);
  return killAtExit(child, log);
}

/**
 * Registers a kill of `child` for the exit of the benchmark. `log` is its log file, for error messages.
 * @param {Child} child
 * @param {string} [log]
 */
export function killAtExit(child, log) {
  child.once(
    'exit',
    atExit(() => child.kill('SIGKILL')),
  );
  child.log = log;
  return child;
}

/** @param {Child} child */
export function hasExited(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/**
 * Waits for the exit. Throws with the end of the log if the exit code is not 0.
 * @param {Child} child
 */
export async function waitForSuccess(child) {
  if (!hasExited(child)) await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(endOfLog(child));
}

/**
 * Rejects as soon as the process exits; never resolves.
 * @param {Child} child
 * @returns {Promise<never>}
 */
export async function rejectOnExit(child) {
  if (!hasExited(child)) await once(child, 'exit');
  throw new Error(`exited too early: ${endOfLog(child)}`);
}

/**
 * Stops the process, with SIGKILL if it ignores `signal` for 10 s.
 * @param {Child} child
 * @param {NodeJS.Signals} [signal]
 */
export async function stopChild(child, signal = 'SIGKILL') {
  if (hasExited(child)) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

/** @param {Child} child */
function endOfLog({ spawnargs, log }) {
  const lines = log === undefined ? [] : readFileSync(log, 'utf8').trim().split('\n');
  return `${spawnargs.slice(1, 3).join(' ')}\n${lines.slice(-15).join('\n')}`;
}
