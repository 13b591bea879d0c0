/** What the kernel accounts to a process. Linux only (reads /proc). */

import { readdirSync, readFileSync } from 'node:fs';

/** Of USER_HZ, which is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/** Processor time used so far by these processes and the children they have waited for. */
export function cpuMsOf(pids) {
  return pids.map(ticksOf).reduce((sum, ticks) => sum + ticks, 0) * TICK_MS;
}

/** The most that each ever had resident, summed; 0 for one that has ended. */
export function peakBytesOf(pids) {
  return pids.map((pid) => memoryOf(pid, 'VmHWM')).reduce((sum, bytes) => sum + bytes, 0);
}

/** What is resident now; 0 when it has ended. */
export function residentBytesOf(pid) {
  return memoryOf(pid, 'VmRSS');
}

/** A process and its children. */
export function familyOf(pid) {
  const others = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return [pid, ...others.filter((other) => Number(fieldsOf(other)[1]) === pid)];
}

/** By a field of /proc/PID/status. */
function memoryOf(pid, field) {
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** utime, stime, cutime and cstime of proc(5). */
function ticksOf(pid) {
  return fieldsOf(pid)
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** Behind the name, which may hold blanks. */
function fieldsOf(pid) {
  return read(`/proc/${pid}/stat`).split(') ').at(-1).split(' ');
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It has just ended.
  }
}
