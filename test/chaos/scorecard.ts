/** Formats results: one line each for the terminal, and the Markdown page of a whole run. */

import type { Result, Scenario, Size } from './scenario.ts';

/** Formats one result for a terminal; a failure with the command that repeats it. */
export function formatResult(result: Result, size: Size): string {
  const { name, seed, kills, rows, done, unknown, unsent, lost, duplicated, falseDone, seconds, problems } =
    result;
  const mark = problems.length === 0 ? 'ok  ' : 'FAIL';
  const line =
    `${mark}  ${name.padEnd(24)}  seed ${seed}, ${kills} kills, ${rows} rows: ${done} done, ${unknown} unknown (${unsent} never sent), ` +
    `${lost} lost, ${duplicated} duplicated, ${falseDone} falsely done, ${seconds} s`;
  const figures = Object.entries(result.figures).map(([figure, value]) => `      ${figure}: ${value}`);
  const repeat = `      repeat: npm run chaos -- --only '${name}' --seed ${seed} --size ${size}`;
  return [
    line,
    ...figures,
    ...(problems.length > 0 ? [...problems.map((text) => `      ${text}`), repeat] : []),
  ].join('\n');
}

interface Run {
  scenarios: readonly Scenario[];
  results: readonly Result[];
  minutes: number;
  /** Node.js version and processors. */
  machine: string;
  date: string;
}

/** Returns the scorecard as Markdown. */
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
      sum(of, ({ unsent }) => unsent),
      sum(of, ({ lost }) => lost),
      sum(of, ({ duplicated }) => duplicated),
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

Each scenario runs real passbridge processes, a real Redis and real sockets; Passmachine and Bloomreach are played by the
sandbox, which keeps its own record. After each run, three sources are compared: the rows that were sent, the cards that
Passmachine created, and the card ids that Bloomreach stores. *Unknown* rows are creates whose response was lost. They are
held for an operator to decide; at most ten per kill: the calls in flight. *Never sent* are those of them whose request
Passmachine has not seen: a process was killed or suspended between the mark and the first byte.
To repeat a line, use its seed: \`npm run chaos -- --only '${scenarios[0]?.name ?? ''}' --seed ${results[0]?.seed ?? 1}\`.

| Scenario | Seeds | Kills | Rows | Done | Unknown | Never sent | Lost | Duplicated | Falsely done | Max in flight | Result |
| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --- |
${rows.join('\n')}

${figures.join('\n')}
${problems.length > 0 ? `\n## Failures\n\n${problems.join('\n')}\n` : ''}
## Scenarios

${scenarios.map(({ name, description }) => `- **${name}**: ${description}.`).join('\n')}
`;
}

function sum(results: readonly Result[], count: (result: Result) => number): number {
  return results.reduce((total, result) => total + count(result), 0);
}
