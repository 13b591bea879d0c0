/** Decides at the door what becomes of a row: a call to Passmachine, or an end without one. */

import { type CampaignOrder, passActionOf } from '../domain/campaigns/campaign.ts';
import type { Verdict } from '../domain/campaigns/condition.ts';
import { failure, type Failure } from '../domain/failures/failure.ts';
import { rowJobId } from '../domain/jobs/job-id.ts';
import {
  type Customer,
  customerKey,
  DATA_HASH_ATTRIBUTE,
  PASS_JOB_VERSION,
  type PassJob,
  passIdOf,
} from '../domain/jobs/pass-job.ts';
import { type Program, templateOf } from '../domain/jobs/program.ts';
import { quietHoursOf } from '../domain/campaigns/quiet-hours.ts';
import type { SourceRow } from '../domain/campaigns/source-row.ts';
import { makeCustomerSet } from './customer-set.ts';
import { dataHash } from './data-hash.ts';

export type Decision =
  | { kind: 'job'; job: PassJob }
  /** By what the export says of the customer and their card, or because somebody wanted them forgotten. */
  | { kind: 'skip'; reason: 'filtered' | 'has-card' | 'no-card' | 'unchanged' | 'duplicate' | 'forgotten' }
  | { kind: 'reject'; failure: Failure };

export interface Endpoint {
  /** Judges a row by what can be known without sending it; each row once and in order. */
  judge(row: SourceRow): Decision;
  /** Whether it has to see the rows from the first one on. */
  readonly remembers: boolean;
}

type Run = Pick<CampaignOrder, 'id' | 'action' | 'text' | 'useBy' | 'guards'> & {
  program: Program;
  /** The campaign's condition; absent where it is for everybody. */
  isMeant?: (customer: Customer) => Verdict;
};

/** The door of one campaign. With `remember` it keeps whom it let in, and lets nobody in twice. */
export function makeRowFilter(run: Run, { remember }: { remember: boolean }): Endpoint {
  if (!remember) return { remembers: false, judge: (row) => judgeAlone(row, run) };
  const letIn = makeCustomerSet();
  return {
    remembers: true,
    judge(row) {
      const decision = judgeAlone(row, run);
      if (decision.kind !== 'job' || letIn.add(customerKey(decision.job.customer))) return decision;
      return { kind: 'skip', reason: 'duplicate' };
    },
  };
}

function judgeAlone(row: SourceRow, run: Run): Decision {
  if (!row.ok) return { kind: 'reject', failure: row.failure };
  const { program, action, guards } = run;
  const verdict = run.isMeant?.(row.customer);
  if (verdict?.ok === false) return { kind: 'reject', failure: verdict.failure };
  if (verdict?.holds === false) return { kind: 'skip', reason: 'filtered' };
  const { attributes } = row.customer;
  const hasCard = passIdOf(row.customer) !== undefined;
  if (hasCard && action === 'issue') return { kind: 'skip', reason: 'has-card' };
  if (!hasCard && action !== 'issue') return { kind: 'skip', reason: 'no-card' };

  const pass = passActionOf(action);
  const missing = templateOf(program, pass)?.needs.find((name) => !isFilled(attributes[name]));
  if (missing !== undefined) {
    const detail = `customer.${missing} is empty and ${program.name}.${pass} needs it`;
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
  const { quietHours, rings } = guards ?? {};
  return {
    v: PASS_JOB_VERSION,
    id: rowJobId(id, number),
    action: passActionOf(action),
    program: program.name,
    customer,
    campaign: id,
    row: number,
    ...(action === 'reissue' && { replaces: true }),
    ...(text !== undefined && { text }),
    ...(useBy !== undefined && { useBy }),
    ...(quietHours !== undefined && { quietHours: quietHoursOf(quietHours, customer.attributes) }),
    ...(rings !== undefined && { rings }),
    ...(hash !== undefined && { dataHash: hash }),
  };
}

/** Needed attributes for which the source has no column at all: no row of it could be sent. */
export function missingColumns(needs: readonly string[], columns: readonly string[]): string[] {
  return needs.filter((name) => !columns.includes(name));
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
