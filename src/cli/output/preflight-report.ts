/** A dry run in words. */

import { expectedTime } from '../../domain/campaigns/finish.ts';
import type { Limits } from '../../domain/campaigns/limits.ts';
import { type SkipReason, skipReasons } from '../../domain/jobs/outcome.ts';
import type { Preflight } from '../../domain/campaigns/preflight.ts';
import { describeTime } from './duration.ts';

/** The numbers, which add up to the rows; the first bad rows; five bodies to look at. */
export function describePreflight(preflight: Preflight, limits: Limits): string {
  const { rows, toSend, sameText, quietNow, skipped, rejected, byCode, rejectedRows, samples } = preflight;
  const reasons = Object.entries(skipped) as [SkipReason, number][];
  return [
    line(toSend, 'would be sent'),
    ...(quietNow > 0 ? [`             ${quietNow} of them have quiet hours now`] : []),
    ...(sameText > 0 ? [`             ${sameText} of them with the text that this program sent last`] : []),
    ...reasons.map(([reason, count]) => line(count, `would be skipped: ${skipReasons[reason]}`)),
    line(rejected, 'would be rejected'),
    line(rows, 'rows', '='),
    `\nAt most ${limits.maxInFlight} calls at once: ${describeTime(expectedTime(toSend, limits))}.`,
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
