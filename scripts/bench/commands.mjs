/** The benchmarks of `npm run bench` and their options. Loads none of them: they need a build. */

import { parseArgs } from 'node:util';

/**
 * @typedef {object} Benchmark
 * @property {string} about One line of help.
 * @property {Record<string, { type: 'string' | 'boolean', value?: string, default?: string | boolean, help: string }>} options
 *   `value` is the placeholder in the help.
 */

/** @type {Record<string, Benchmark>} */
export const benchmarks = {
  race: {
    about: 'Compares passbridge with other queues; --write updates docs/performance.md (default)',
    options: {
      quick: {
        type: 'boolean',
        default: false,
        help: 'about three minutes instead of thirty; rough figures',
      },
      only: { type: 'string', value: 'NAMES', help: 'contestants, separated by commas; *limit* always runs' },
      chapters: { type: 'string', value: 'NAMES', help: 'race, feed, webhooks, recovery (default: all)' },
      latency: { type: 'string', value: 'MS', help: 'latencies in milliseconds, separated by commas' },
      rounds: { type: 'string', value: 'N', help: 'rounds of the race' },
      json: { type: 'string', value: 'FILE', default: 'build/bench.json', help: 'write all figures to FILE' },
      onto: { type: 'string', value: 'FILE', help: 'take chapters that are not run from an earlier run' },
      write: { type: 'boolean', default: false, help: 'write docs/performance.md' },
    },
  },
  campaign: {
    about: 'Measures memory and duration of a large campaign',
    options: { rows: { type: 'string', value: 'N', default: '1000000', help: 'rows of the export' } },
  },
  webhooks: {
    about: 'Measures throughput and latency of the webhook endpoint',
    options: { seconds: { type: 'string', value: 'N', default: '20', help: 'duration, at least 10' } },
  },
  export: {
    about: 'Measures memory and duration of a Bloomreach export',
    options: { rows: { type: 'string', value: 'N', default: '1000000', help: 'customers of the export' } },
  },
  dashboard: {
    about: 'Measures the pages of the dashboard on a full ledger',
    options: {
      jobs: { type: 'string', value: 'N', default: '1000000', help: 'jobs in the ledger, at least 2000' },
    },
  },
  profile: {
    about: 'Profiles where the CPU time of a worker goes',
    options: {
      latency: { type: 'string', value: 'MS', default: '0', help: 'latency of the server in milliseconds' },
      jobs: { type: 'string', value: 'N', default: '10000', help: 'jobs, at least 50' },
    },
  },
};

/** A wrong argument. The message is for the operator. */
export class UsageError extends Error {}

/**
 * Parses the arguments of `npm run bench --`. Without a benchmark it is the race. Returns {name, values}, or {help} if
 * help was requested. Throws a UsageError for an unknown benchmark, and the TypeError of parseArgs for a wrong option.
 * @param {string[]} args
 * @returns {{ help: string } | { help?: undefined, name: string, values: Record<string, any> }}
 */
export function parseCommand(args) {
  const [first = '', ...rest] = args;
  const hasName = first !== '' && !first.startsWith('-');
  const name = hasName ? first : 'race';
  const benchmark = benchmarks[name];
  if (benchmark === undefined) {
    throw new UsageError(`"${name}" is not a benchmark. Use one of ${Object.keys(benchmarks).join(', ')}.`);
  }
  const options = Object.fromEntries(
    Object.entries(benchmark.options).map(([key, { type, default: standard }]) => [
      key,
      { type, ...(standard !== undefined && { default: standard }) },
    ]),
  );
  const { values } = parseArgs({
    args: hasName ? rest : args,
    options: { ...options, help: { type: 'boolean', short: 'h', default: false } },
  });
  const { help, ...chosen } = values;
  if (help) return { help: hasName ? helpOf(name, benchmark) : overview() };
  return { name, values: chosen };
}

function overview() {
  const rows = Object.entries(benchmarks).map(([name, { about }]) => `  ${name.padEnd(11)}${about}`);
  return `Usage: npm run bench -- [benchmark] [options]

${rows.join('\n')}

\`npm run bench -- <benchmark> --help\` lists the options of one.`;
}

/**
 * @param {string} name
 * @param {Benchmark} benchmark
 */
function helpOf(name, { about, options }) {
  const rows = Object.entries(options).map(([key, { value, default: standard, help }]) => {
    const flag = value === undefined ? `--${key}` : `--${key} ${value}`;
    return `  ${flag.padEnd(18)}${help}${typeof standard === 'string' ? ` (default: ${standard})` : ''}`;
  });
  return `Usage: npm run bench -- ${name} [options]\n\n${about}\n\n${rows.join('\n')}`;
}

/**
 * Returns the value of an option as a whole number of at least `min`.
 * @param {string} option
 * @param {string} text
 * @param {number} min
 */
export function wholeNumber(option, text, min) {
  const number = Number(text);
  if (Number.isInteger(number) && number >= min) return number;
  throw new UsageError(`${option}: "${text}" is not a whole number of at least ${min}.`);
}
