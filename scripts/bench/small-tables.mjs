/** The figures of feeding, webhooks and recovery as tables. */

import { tableOf } from './table.mjs';

const MB = 1024 * 1024;

export function feedTable(feeds) {
  const head = ['rows', 'first call after, s', 'rows/s', 'process, MB over time', 'Redis, MB over time'];
  return tableOf([
    head,
    ...feeds.map(({ rows, firstCallSeconds, rowsPerSecond, memory }) => [
      whole(rows),
      firstCallSeconds.toFixed(1),
      whole(rowsPerSecond),
      overTime(memory, 'processBytes'),
      overTime(memory, 'brokerBytes'),
    ]),
  ]);
}

export function webhooksTable({ bare, door, share }) {
  return tableOf([
    ['receiver', 'hits/s', 'p50 ms', 'p99 ms', 'CPU µs each', 'failed', 'of the least possible'],
    receiverRow('the least possible', bare, '100 %'),
    receiverRow('passbridge', door, `${(share * 100).toFixed(0)} %`),
  ]);
}

export function recoveryTable(recoveries) {
  return tableOf([
    ['contestant', 'the worker ends by', 'idle, s (each try)', 'second cards', 'not home'],
    ...recoveries.map(({ name, signal, tries }) => [
      name,
      signal,
      tries.map(({ gapSeconds }) => gapSeconds.toFixed(1)).join(' '),
      each(tries, 'doubled'),
      each(tries, 'unsaved'),
    ]),
  ]);
}

function receiverRow(name, { hits, p50, p99, cpuUs, failures }, part) {
  return [name, whole(hits), String(p50), String(p99), whole(cpuUs), String(failures), part];
}

function overTime(memory, name) {
  return memory.map((sample) => whole(sample[name] / MB)).join(' ');
}

function each(tries, name) {
  return tries.map((figures) => figures[name]).join(' ');
}

function whole(number) {
  return Math.round(number).toLocaleString('en');
}
