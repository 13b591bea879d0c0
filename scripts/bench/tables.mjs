/** A race at one latency as a table; † marks who loses results in a crash. */

import { SLOTS } from './heats.mjs';
import { tableOf } from './table.mjs';

const HEAD = [
  'contestant',
  'calls/s (least–most)',
  'of limit',
  'utilisation',
  'slots taken',
  'most at once',
  'all home, s',
  'CPU s/1,000',
  'broker CPU s/1,000',
  'commands/job',
  'MB',
  'lost',
  'doubled',
];
const MB = 1024 * 1024;
const NONE = '–';

export function raceTable(standings) {
  return tableOf([HEAD, ...standings.map(rowOf)]);
}

function rowOf({ name, isDurable, standing }) {
  const marked = isDurable ? name : `${name} †`;
  if (standing === undefined) return [marked, 'failed', ...HEAD.slice(2).map(() => NONE)];
  const { rate, share, failedRounds } = standing;
  return [
    failedRounds === 0 ? marked : `${marked} (${failedRounds} failed)`,
    `${whole(rate.median)} (${whole(rate.least)}–${whole(rate.most)})`,
    percent(share?.median),
    percent(standing.utilisation),
    percent(standing.occupied),
    standing.mostInFlight > SLOTS ? `${standing.mostInFlight} TOO MANY` : String(standing.mostInFlight),
    fixed(standing.homeSeconds, 1),
    fixed(standing.workerCpu, 2),
    fixed(standing.brokerCpu, 2),
    fixed(standing.commands, 1),
    whole(standing.peakBytes / MB),
    faults(standing.lost),
    faults(standing.doubled),
  ];
}

/** What should be 0, marked where it is not. */
function faults(count) {
  return count === 0 ? '0' : `**${count}**`;
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
