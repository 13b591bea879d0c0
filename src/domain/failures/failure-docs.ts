/** The failure table as a page for operators. */

import { type FailureCode, failureKinds, type FailureStage } from './failure.ts';

const introduction = `# What went wrong: the codes

Every failure carries one of these codes: in the summary of a run, in \`passbridge status\` and \`passbridge failures\`, in
the log and in the metrics. A code is never renamed or reused.

\`PM_\` is Passmachine, \`BR_\` is Bloomreach (the card exists, only writing home failed), \`ROW_\` and \`TEMPLATE_\` are the
export and the programs file. "Where" decides what may be repeated: a card is made by a POST that Passmachine offers no
way to repeat safely, so one that was **maybe sent** is held for a person.

| Code | Where | Tried again | What it means | What to do |
| --- | --- | --- | --- | --- |
`;

const places: Readonly<Record<FailureStage, string>> = {
  before: 'before sending',
  maybe: 'maybe sent',
  after: 'after the answer',
};

const repeats = {
  never: 'no',
  attempt: 'yes, with growing pauses',
  wait: 'yes, for as long as it takes',
  pause: 'yes, and all calls wait for it',
} as const;

/** The text of `docs/errors.md`. */
export function errorsPage(): string {
  const codes = Object.keys(failureKinds) as FailureCode[];
  const rows = codes.map((code) => {
    const { stage, repeat, meaning, action } = failureKinds[code];
    const cells = [`\`${code}\``, places[stage], repeats[repeat], meaning, action];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  });
  return introduction + rows.join('');
}
