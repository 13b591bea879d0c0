/** Results in words: a line while they come in, and the page of a whole run. */

import type { Result, Scenario, Size } from './scenario.ts';

/** One result for a terminal; a failure with how to repeat it. */
export function describe(result: Result, size: Size): string {
  const { name, seed, kills, rows, done, unknown, lost, doubled, falseDone, seconds, problems } = result;
  const mark = problems.length === 0 ? 'ok  ' : 'FAIL';
  const line =
    `${mark}  ${name.padEnd(24)}  seed ${seed}, ${kills} kills, ${rows} rows: ${done} done, ${unknown} unknown, ` +
    `${lost} lost, ${doubled} doubled, ${falseDone} falsely done, ${seconds} s`;
  const figures = Object.entries(result.figures).map(([what, value]) => `      ${what}: ${value}`);
  const again = `      again: npm run chaos -- --only '${name}' --seed ${seed} --size ${size}`;
  return [
    line,
    ...figures,
    ...(problems.length > 0 ? [...problems.map((text) => `      ${text}`), again] : []),
  ].join('\n');
}

interface Run {
  scenarios: readonly Scenario[];
  results: readonly Result[];
  minutes: number;
  /** Versions and size of the machine. */
  machine: string;
  date: string;
}

/** The scorecard as Markdown. */
export function scorecard({ scenarios, results, minutes, machine, date }: Run): string {
  const rows = scenarios.map(({ name }) => {
    const of = results.filter((result) => result.name === name);
    const cells = [
      name,
      of.map(({ seed }) => seed).join(', '),
      sum(of, ({ kills }) => kills),
      sum(of, (result) => result.rows),
      sum(of, ({ done }) => done),
      sum(of, ({ unknown }) => unknown),
      sum(of, ({ lost }) => lost),
      sum(of, ({ doubled }) => doubled),
      sum(of, ({ falseDone }) => falseDone),
      Math.max(0, ...of.map(({ maxInFlight }) => maxInFlight)),
      of.every(({ problems }) => problems.length === 0) ? 'passed' : '**failed**',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const figures = scenarios.flatMap(({ name }) => {
    const of = results.filter((result) => result.name === name);
    const keys = [...new Set(of.flatMap((result) => Object.keys(result.figures)))];
    return keys.map((key) => `- ${name}: ${key}: ${of.map((result) => result.figures[key]).join('; ')}`);
  });
  const problems = results.flatMap(({ name, seed, problems: found }) =>
    found.map((problem) => `- ${name}, seed ${seed}: ${problem}`),
  );
  return `# Chaos scorecard

Written by \`npm run chaos -- --minutes ${minutes}\` on ${date}: ${machine}.

Real processes, a real Redis, real sockets; Passmachine and Bloomreach are stand-ins that keep their own record.
After each run three ledgers are compared: the rows that were accepted, the cards that Passmachine made, and the card
ids that Bloomreach holds. *Unknown* rows are creates whose answer nobody saw; they are held for a person, twenty a
kill at most: the calls that were out, and those about to be. Repeat a line with its seed: \`npm run chaos -- --only '${scenarios[0]?.name ?? ''}' --seed ${results[0]?.seed ?? 1}\`.

| Scenario | Seeds | Kills | Rows | Done | Unknown | Lost | Doubled | Falsely done | Most in flight | |
| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --- |
${rows.join('\n')}

${figures.join('\n')}
${problems.length > 0 ? `\n## What failed\n\n${problems.join('\n')}\n` : ''}
## What each does

${scenarios.map(({ name, about }) => `- **${name}**: ${about}.`).join('\n')}
`;
}

function sum(results: readonly Result[], what: (result: Result) => number): number {
  return results.reduce((total, result) => total + what(result), 0);
}
