/** Reads what the kernel accounts to a process. Linux only (/proc). */

import { readdirSync, readFileSync } from 'node:fs';

/** One tick of USER_HZ, which is 100 on every Linux that Node supports. */
const TICK_MS = 10;

/** Returns the CPU time of these processes and of the children they have waited for, in milliseconds. */
export function cpuMsOf(pids) {
  return pids.map(ticksOf).reduce((sum, ticks) => sum + ticks, 0) * TICK_MS;
}

/** Returns the sum of the peak resident sizes. A process that has exited counts as 0. */
export function peakBytesOf(pids) {
  return pids.map((pid) => memoryOf(pid, 'VmHWM')).reduce((sum, bytes) => sum + bytes, 0);
}

/** Returns the resident size; 0 if the process has exited. */
export function residentBytesOf(pid) {
  return memoryOf(pid, 'VmRSS');
}

/** Returns the pids of a process and its children. */
export function familyOf(pid) {
  const others = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return [pid, ...others.filter((other) => Number(fieldsOf(other)[1]) === pid)];
}

/** `field` is one of /proc/PID/status. */
function memoryOf(pid, field) {
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** Sums utime, stime, cutime and cstime of proc(5). */
function ticksOf(pid) {
  return fieldsOf(pid)
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** Returns the fields of /proc/PID/stat after the process name, which may contain spaces. */
function fieldsOf(pid) {
  return (read(`/proc/${pid}/stat`).split(') ').at(-1) ?? '').split(' ');
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // The process has just exited.
  }
}
