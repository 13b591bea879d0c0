/** The tables of the benchmarks, the same for the terminal and for Markdown: aligned columns between bars. */

import { SLOTS } from './workload.mjs';

const RACE_HEAD = [
  'contestant',
  'calls/s (min–max)',
  'of limit',
  'utilization',
  'slots in use',
  'max in flight',
  'written back, s',
  'CPU s/1,000',
  'broker CPU s/1,000',
  'commands/job',
  'MB',
  'lost',
  'duplicated',
];
const MB = 1024 * 1024;
const NONE = '–';

/**
 * Formats rows of texts; the first row is the head. The first column is left-aligned, all others right-aligned.
 * @param {string[][]} rows
 */
export function tableOf([head = [], ...rows]) {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const widthOf = (column) => widths[column] ?? 0;
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widthOf(0)) : cell.padStart(widthOf(column)))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** Formats a race at one latency. † marks contestants that lose results in a crash. */
export function raceTable(standings) {
  return tableOf([RACE_HEAD, ...standings.map(raceRow)]);
}

export function feedTable(feeds) {
  return tableOf([
    ['rows', 'first call after, s', 'rows/s', 'process, MB over time', 'Redis, MB over time'],
    ...feeds.map(({ rows, firstCallSeconds, rowsPerSecond, memory }) => [
      whole(rows),
      firstCallSeconds.toFixed(1),
      whole(rowsPerSecond),
      overTime(memory, 'processBytes'),
      overTime(memory, 'brokerBytes'),
    ]),
  ]);
}

export function webhooksTable({ baseline, passbridge, share }) {
  return tableOf([
    ['receiver', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs each', 'failed', 'of baseline'],
    receiverRow('baseline', baseline, '100 %'),
    receiverRow('passbridge', passbridge, `${(share * 100).toFixed(0)} %`),
  ]);
}

export function recoveryTable(recoveries) {
  return tableOf([
    ['contestant', 'signal', 'idle, s', 'duplicate cards', 'not written back'],
    ...recoveries.map(({ name, signal, attempts }) => [
      name,
      signal,
      attempts.map(({ gapSeconds }) => gapSeconds.toFixed(1)).join(' '),
      perAttempt(attempts, 'duplicated'),
      perAttempt(attempts, 'notWrittenBack'),
    ]),
  ]);
}

function raceRow({ name, isDurable, standing }) {
  const marked = isDurable ? name : `${name} †`;
  if (standing === undefined) return [marked, 'failed', ...RACE_HEAD.slice(2).map(() => NONE)];
  const { rate, share, failedRounds } = standing;
  return [
    failedRounds === 0 ? marked : `${marked} (${failedRounds} failed)`,
    `${whole(rate.median)} (${whole(rate.min)}–${whole(rate.max)})`,
    percent(share?.median),
    percent(standing.utilization),
    percent(standing.occupied),
    standing.maxInFlight > SLOTS ? `${standing.maxInFlight} TOO MANY` : String(standing.maxInFlight),
    fixed(standing.writtenBackSeconds, 1),
    fixed(standing.workerCpu, 2),
    fixed(standing.brokerCpu, 2),
    fixed(standing.commands, 1),
    whole(standing.peakBytes / MB),
    faultCount(standing.lost),
    faultCount(standing.duplicated),
  ];
}

function receiverRow(name, { requests, p50, p99, cpuUs, failures }, share) {
  return [name, whole(requests), String(p50), String(p99), whole(cpuUs), String(failures), share];
}

/** Marks a count that should be 0. */
function faultCount(count) {
  return count === 0 ? '0' : `**${count}**`;
}

function overTime(memory, name) {
  return memory.map((sample) => whole(sample[name] / MB)).join(' ');
}

function perAttempt(attempts, name) {
  return attempts.map((figures) => figures[name]).join(' ');
}

function whole(number) {
  return Math.round(number).toLocaleString('en');
}

function percent(share) {
  return share === undefined ? NONE : `${(share * 100).toFixed(1)} %`;
}

function fixed(number, digits) {
  return number === undefined ? NONE : number.toFixed(digits);
}
