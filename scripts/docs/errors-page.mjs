/** Writes the table of failure codes as a page for operators. */

const introduction = `# Failure codes

Every failure has one of these codes: in the summary of a run, in \`passbridge status\` and \`passbridge failures\`, in the
log and in the metrics. A code is never renamed or reused.

\`PM_\` codes come from Passmachine. \`BR_\` codes come from Bloomreach: the card exists, and only the write-back failed.
\`ROW_\` and \`TEMPLATE_\` codes are about the export and the programs file.

"Stage" is how far the call got. Passmachine offers no safe way to repeat the POST that makes a card, so a create that was
**maybe sent** is held for an operator and never repeated automatically, unless \`CREATE_ON_UNKNOWN=retry\`. An update or a
notification is a PATCH, which is safe to repeat, and is retried.

| Code | Stage | Retried | Meaning | What to do |
| --- | --- | --- | --- | --- |
`;

const stages = { before: 'before sending', maybe: 'maybe sent', after: 'after the answer' };

const repeats = {
  never: 'no',
  attempt: 'yes, with backoff',
  wait: 'yes, for as long as it takes',
  pause: 'yes, and all calls wait for it',
};

/** Returns the text of `docs/errors.md`; `kinds` is the table of `src/domain/failures/failure.ts`. */
export function errorsPage(kinds) {
  const rows = Object.entries(kinds).map(([code, { stage, repeat, meaning, remedy }]) => {
    const retried = stage === 'maybe' ? `create: no; update and notify: ${repeats[repeat]}` : repeats[repeat];
    const cells = [`\`${code}\``, stages[stage], retried, meaning, remedy];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  });
  return introduction + rows.join('');
}
