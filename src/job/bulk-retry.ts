/** An order to send again what failed. */

import type { FailureCode } from './failure.ts';

export interface BulkRetry {
  campaign: string;
  codes: readonly FailureCode[];
  /** Only what had failed by then (ms): what fails again meanwhile is not chased. */
  failedBy: number;
}
