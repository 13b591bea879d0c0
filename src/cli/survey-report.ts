/** A dry run in words. */

import type { Survey } from '../job/survey.ts';

/** The numbers, which add up to the rows; the first bad rows; three bodies to look at. */
export function describeSurvey(survey: Survey): string {
  const { rows, toSend, hasCard, noCard, duplicates, rejected, byCode, rejectedRows, samples } = survey;
  return [
    line(toSend, 'would be sent'),
    ...(hasCard > 0 ? [line(hasCard, 'have a card already and would be skipped')] : []),
    ...(noCard > 0 ? [line(noCard, 'have no card that could be changed and would be skipped')] : []),
    line(duplicates, 'stand in the file twice and would be skipped'),
    line(rejected, 'would be rejected'),
    line(rows, 'rows', '='),
    ...[...byCode].map(([code, count]) => `\n${count} × ${code}`),
    ...rejectedRows.map(({ row, failure }) => `  row ${row}: ${failure.detail}`),
    ...(rejected > rejectedRows.length ? [`  … and ${rejected - rejectedRows.length} more`] : []),
    ...samples.map(
      ({ title, row, body }) => `\nBody of row ${row} (${title}):\n${JSON.stringify(body, null, 2)}`,
    ),
    '\nNothing was sent.',
  ].join('\n');
}

function line(count: number, what: string, sign = ' '): string {
  return `${sign} ${String(count).padStart(9)}  ${what}`;
}
