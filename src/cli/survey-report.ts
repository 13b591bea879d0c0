/** A dry run in words. */

import { type SkipReason, skipReasons } from '../job/outcome.ts';
import type { Survey } from '../job/survey.ts';

/** The numbers, which add up to the rows; the first bad rows; three bodies to look at. */
export function describeSurvey(survey: Survey): string {
  const { rows, toSend, quietNow, skipped, rejected, byCode, rejectedRows, samples } = survey;
  const reasons = Object.entries(skipped) as [SkipReason, number][];
  return [
    line(toSend, 'would be sent'),
    ...(quietNow > 0 ? [`             ${quietNow} of them have quiet hours now`] : []),
    ...reasons.map(([reason, count]) => line(count, `would be skipped: ${skipReasons[reason]}`)),
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
