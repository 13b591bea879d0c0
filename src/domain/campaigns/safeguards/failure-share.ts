/** Failure share: the campaign pauses when too many of its rows fail. The ledger checks it with every result. */

import { defineSafeguard } from '../options/option.ts';

/** Fewer failures than this never pause a campaign, whatever their share. */
export const MIN_FAILURES = 20;

/**
 * The value is the share (0 to 1) of rows that were rejected, failed or are unknown. 0 is kept: it overrides the
 * default of PAUSE_AT_FAILURES and means never.
 */
export const pauseAt = defineSafeguard({
  options: {
    pauseAt: {
      kind: 'share',
      label: 'Pause at',
      help: `Pause when at least ${MIN_FAILURES} rows and this share of the ended rows, or of the rows read, were rejected, failed or are unknown; 0% never pauses. The default is PAUSE_AT_FAILURES.`,
      example: '5%',
    },
  },
  guard: ({ pauseAt: share }): number | undefined => share,
});
