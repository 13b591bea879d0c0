/** The result of a dry run as text. */

import { expectedTime } from '../../domain/campaigns/finish.ts';
import type { Limits } from '../../domain/campaigns/limits.ts';
import type { SendingRate } from '../../domain/campaigns/safeguards/sending-rate.ts';
import { type SkipReason, skipReasons } from '../../domain/jobs/outcome.ts';
import type { Preflight } from '../../domain/campaigns/preflight.ts';
import { describeWarning } from '../../domain/campaigns/preflight-warning.ts';
import { formatTimeLeft } from '../../domain/presentation/format.ts';

/** Returns counts that add up to the rows, the first rejected rows, and up to five rendered bodies. */
export function describePreflight(
  preflight: Preflight,
  limits: Limits & { sendingRate?: SendingRate | undefined },
): string {
  const { rows, toSend, sameText, quietNow, skipped, rejected, byCode, rejectedRows, warnings, samples } =
    preflight;
  const reasons = Object.entries(skipped) as [SkipReason, number][];
  return [
    line(toSend, 'would be sent'),
    ...(quietNow > 0 ? [`             ${quietNow} of them are in quiet hours now`] : []),
    ...(sameText > 0 ? [`             ${sameText} of them with the same text as the last notification`] : []),
    ...reasons.map(([reason, count]) => line(count, `would be skipped: ${skipReasons[reason]}`)),
    line(rejected, 'would be rejected'),
    line(rows, 'rows', '='),
    `\nAt most ${limits.maxInFlight} calls at once: ${formatTimeLeft(expectedTime(toSend, limits))}.`,
    ...[...byCode].map(([code, count]) => `\n${count} × ${code}`),
    ...rejectedRows.map(({ row, failure }) => `  row ${row}: ${failure.detail}`),
    ...(rejected > rejectedRows.length ? [`  … and ${rejected - rejectedRows.length} more`] : []),
    ...warnings.map((warning) => `\n! ${describeWarning(warning)}`),
    ...samples.map(
      ({ title, row, body }) => `\nBody of row ${row} (${title}):\n${JSON.stringify(body, null, 2)}`,
    ),
    '\nNothing was sent.',
  ].join('\n');
}

/** Returns the report as JSON prints it. */
export function publicPreflight({ byCode, warnings, ...report }: Preflight) {
  return { ...report, byCode: Object.fromEntries(byCode), warnings: warnings.map(describeWarning) };
}

function line(count: number, text: string, sign = ' '): string {
  return `${sign} ${String(count).padStart(9)}  ${text}`;
}
