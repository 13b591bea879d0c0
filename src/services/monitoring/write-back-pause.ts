/** Describes the pause of write-backs for `status`, `limits` and `doctor`. */

import type { Overview } from '../../domain/monitoring/overview.ts';
import { formatDuration } from '../../domain/presentation/format.ts';

export type WriteBackPause = NonNullable<Overview['writeback']['pause']>;

export const WRITE_BACK_REMEDY =
  'Check BLOOMREACH_URL and the API key if it lasts. Nothing is lost: results are sent when Bloomreach accepts them. To try now: passbridge limits --open-gate';

/** Returns a sentence without a full stop at its end. */
export function describePause({ leftMs, code, detail }: WriteBackPause): string {
  const reason = detail === '' ? code : `${code}: ${detail}`;
  return `Bloomreach does not accept results (${reason}); the next try is in ${formatDuration(leftMs)}`;
}
