/** Sees every customer of a source once, and warns about what they have in common. */

import type { PreflightWarning } from '../domain/campaigns/preflight-warning.ts';
import type { Customer } from '../domain/jobs/pass-job.ts';

export interface WarningCollector {
  /** `row`: number of the row, from 1. */
  add(row: number, customer: Customer): void;
  result(): PreflightWarning[];
}
