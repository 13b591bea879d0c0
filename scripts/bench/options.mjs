/** What `npm run bench` can be told. */

import { parseArgs } from 'node:util';
import { contestants, limit } from './contestants.mjs';

export const chapters = ['race', 'feed', 'webhooks', 'recovery'];

/** Throws with what is wrong and what would be right. */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      chapters: { type: 'string', default: chapters.join() },
      latency: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string', default: 'build/bench.json' },
      // What an earlier run put there stands where this one has no chapter of its own.
      onto: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const { quick, json, onto, write } = values;
  const names = contestants.map(({ name }) => name);
  const only = oneOf('--only', values.only?.split(',') ?? names, names);
  return {
    quick,
    json,
    onto,
    write,
    chapters: oneOf('--chapters', values.chapters.split(','), chapters),
    // Without *limit* there is nothing to compare with.
    contestants: contestants.filter(({ name }) => name === limit.name || only.includes(name)),
    latencies: (values.latency ?? (quick ? '0,20' : '0,2,20,100'))
      .split(',')
      .map(wholeNumber('--latency', 0)),
    rounds: wholeNumber('--rounds', 1)(values.rounds ?? (quick ? '1' : '5')),
  };
}

function oneOf(option, given, known) {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return given;
  throw new Error(`${option}: there is no ${unknown}; there are ${known.join(', ')}`);
}

function wholeNumber(option, least) {
  return (text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least) return number;
    throw new Error(`${option}: ${text} is not a whole number of at least ${least}`);
  };
}
