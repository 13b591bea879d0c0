/** Decides at the door what becomes of a row: a call to Passmachine, or an end without one. */

import { type CampaignAction, passActionOf } from '../job/campaign.ts';
import { failure, type Failure } from '../job/failure.ts';
import { rowJobId } from '../job/job-id.ts';
import { PASS_ID_ATTRIBUTE, PASS_JOB_VERSION, type PassJob } from '../job/pass-job.ts';
import { type Program, type Template, templateOf } from '../job/program.ts';
import type { SourceRow } from '../job/source-row.ts';

export type Decision =
  | { kind: 'job'; job: PassJob }
  /** The export says that the customer has a card. */
  | { kind: 'skip' }
  | { kind: 'reject'; failure: Failure };

interface Run {
  id: string;
  program: Program;
  action: CampaignAction;
}

/** Judges a row by what can be known without rendering it; the worker judges the rest. */
export function decide(row: SourceRow, { id, program, action }: Run): Decision {
  if (!row.ok) return { kind: 'reject', failure: row.failure };
  const { attributes } = row.customer;
  if (action === 'issue' && isFilled(attributes[PASS_ID_ATTRIBUTE])) return { kind: 'skip' };

  const pass = passActionOf[action];
  const missing = templateOf(program, pass)?.needs.find((name) => !isFilled(attributes[name]));
  if (missing !== undefined) {
    const detail = `customer.${missing} is empty and ${program.name}.${pass} needs it`;
    return { kind: 'reject', failure: failure('ROW_FIELD_MISSING', detail) };
  }
  const job: PassJob = {
    v: PASS_JOB_VERSION,
    id: rowJobId(id, row.number),
    action: pass,
    program: program.name,
    customer: row.customer,
    campaign: id,
    row: row.number,
  };
  return { kind: 'job', job };
}

/** Needed attributes for which the source has no column at all: no row of it could be sent. */
export function missingColumns(template: Template, columns: readonly string[]): string[] {
  return template.needs.filter((name) => !columns.includes(name));
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
