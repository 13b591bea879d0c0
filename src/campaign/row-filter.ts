/** The row filter: decides for each row of a source whether a job is made of it, or why it is skipped or rejected. */

import { createHash } from 'node:crypto';
import { type CampaignOrder, passActionOf } from '../domain/campaigns/campaign.ts';
import type { Verdict } from '../domain/campaigns/condition.ts';
import { quietHoursOf } from '../domain/campaigns/safeguards/quiet-hours.ts';
import type { SourceRow } from '../domain/campaigns/source-row.ts';
import { failure, type Failure } from '../domain/failures/failure.ts';
import { rowJobId } from '../domain/jobs/job-id.ts';
import { unsafePassId } from '../domain/jobs/pass-id.ts';
import {
  campaignText,
  type Customer,
  customerKey,
  DATA_HASH_ATTRIBUTE,
  PASS_JOB_VERSION,
  PASS_ID_ATTRIBUTE,
  type PassJob,
  passIdOf,
} from '../domain/jobs/pass-job.ts';
import { type Program, templateOf } from '../domain/jobs/program.ts';
import { makeCustomerSet } from './customer-set.ts';
import { isHeldOut } from './holdout.ts';

export type Decision =
  | { kind: 'job'; job: PassJob }
  /** Because of the customer's attributes or card in the export, or because the customer was forgotten. */
  | {
      kind: 'skip';
      reason: 'filtered' | 'has-card' | 'no-card' | 'unchanged' | 'duplicate' | 'held-out' | 'forgotten';
    }
  | { kind: 'reject'; failure: Failure };

export interface RowFilter {
  /** Decides without calling an upstream. Must be called once for each row, in order. */
  judge(row: SourceRow): Decision;
  /** Whether it must see the rows from the first one, because it finds duplicates. */
  readonly remembers: boolean;
}

type Run = Pick<CampaignOrder, 'id' | 'action' | 'text' | 'useBy' | 'guards'> & {
  program: Program;
  /** The campaign's condition; absent if it has none. */
  matches?: (customer: Customer) => Verdict;
};

/** The filter of one campaign. With `remember` it skips customers that it has already made a job for. */
export function makeRowFilter(run: Run, { remember }: { remember: boolean }): RowFilter {
  if (!remember) return { remembers: false, judge: (row) => holdOut(judgeAlone(row, run), run) };
  const seen = makeCustomerSet();
  return {
    remembers: true,
    judge(row) {
      const decision = judgeAlone(row, run);
      if (decision.kind === 'job' && !seen.add(customerKey(decision.job.customer))) {
        return { kind: 'skip', reason: 'duplicate' };
      }
      return holdOut(decision, run);
    },
  };
}

/** Applied last: customers who would not be sent to anyway must not count as members of the holdout. */
function holdOut(decision: Decision, { program, guards }: Run): Decision {
  if (decision.kind !== 'job' || guards?.holdout === undefined) return decision;
  return isHeldOut(guards.holdout, program.name, customerKey(decision.job.customer))
    ? { kind: 'skip', reason: 'held-out' }
    : decision;
}

function judgeAlone(row: SourceRow, run: Run): Decision {
  if (!row.ok) return { kind: 'reject', failure: row.failure };
  const { program, action, guards } = run;
  const verdict = run.matches?.(row.customer);
  if (verdict?.ok === false) return { kind: 'reject', failure: verdict.failure };
  if (verdict?.matches === false) return { kind: 'skip', reason: 'filtered' };
  const { attributes } = row.customer;
  const passId = passIdOf(row.customer);
  const hasCard = passId !== undefined;
  if (hasCard && action === 'issue') return { kind: 'skip', reason: 'has-card' };
  if (!hasCard && action !== 'issue') return { kind: 'skip', reason: 'no-card' };

  const section = passActionOf(action);
  const unsafe = passId === undefined || section === 'create' ? undefined : unsafePassId(passId);
  if (unsafe !== undefined) {
    return { kind: 'reject', failure: failure('ROW_PASS_ID_INVALID', `${PASS_ID_ATTRIBUTE} ${unsafe}`) };
  }
  const missing = templateOf(program, section)?.needs.find((name) => !isFilled(attributes[name]));
  if (missing !== undefined) {
    const detail = `customer.${missing} is empty and ${program.name}.${section} needs it`;
    return { kind: 'reject', failure: failure('ROW_FIELD_MISSING', detail) };
  }
  const hash = guards?.changedOnly === true ? dataHash(program, row.customer) : undefined;
  if (hash !== undefined && hash === attributes[DATA_HASH_ATTRIBUTE]) {
    return { kind: 'skip', reason: 'unchanged' };
  }
  return { kind: 'job', job: makeJob(row, run, hash) };
}

function makeJob(
  { number, customer }: Extract<SourceRow, { ok: true }>,
  { id, program, action, text, useBy, guards }: Run,
  hash: string | undefined,
): PassJob {
  const { quietHours, notificationLimit } = guards ?? {};
  return {
    v: PASS_JOB_VERSION,
    id: rowJobId(id, number),
    action: passActionOf(action),
    program: program.name,
    customer,
    campaign: id,
    row: number,
    ...(action === 'reissue' && { replaces: true }),
    ...campaignText(text),
    ...(useBy !== undefined && { useBy }),
    ...(quietHours !== undefined && { quietHours: quietHoursOf(quietHours, customer.attributes) }),
    ...(notificationLimit !== undefined && { notificationLimit }),
    ...(hash !== undefined && { dataHash: hash }),
  };
}

/** Characters of base64url, 96 bits: two versions of one customer's data never share a hash in practice. */
const HASH_LENGTH = 16;

/**
 * Hashes what a customer's card would show: the rendered create body, whatever the action, so that all actions
 * compare alike. Undefined if it cannot be rendered.
 */
function dataHash(program: Program, { attributes, ids }: Customer): string | undefined {
  // The time is fixed, so that a body that shows the hour hashes the same. The voucher code is empty, because it
  // never changes and a card without a code must hash the same.
  const rendered = program.create.render({ customer: attributes, customer_ids: ids, time: 0, voucher: '' });
  if (!rendered.ok) return undefined;
  return createHash('sha256').update(JSON.stringify(rendered.body)).digest('base64url').slice(0, HASH_LENGTH);
}

/** Returns the needed attributes that the source has no column for: none of its rows could be sent. */
export function missingColumns(needs: readonly string[], columns: readonly string[]): string[] {
  return needs.filter((name) => !columns.includes(name));
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
