/** Decides at the door what becomes of a row: a call to Passmachine, or an end without one. */

import { type CampaignOrder, passActionOf } from '../job/campaign.ts';
import { failure, type Failure } from '../job/failure.ts';
import { rowJobId } from '../job/job-id.ts';
import { PASS_JOB_VERSION, type PassJob, passIdOf } from '../job/pass-job.ts';
import { type Program, type Template, templateOf } from '../job/program.ts';
import type { SourceRow } from '../job/source-row.ts';

export type Decision =
  | { kind: 'job'; job: PassJob }
  /** By what the export says of the customer's card. */
  | { kind: 'skip'; reason: 'has-card' | 'no-card' }
  | { kind: 'reject'; failure: Failure };

type Run = Pick<CampaignOrder, 'id' | 'action' | 'text' | 'useBy'> & { program: Program };

/** Judges a row by what can be known without rendering it; the worker judges the rest. */
export function decide(row: SourceRow, { id, program, action, text, useBy }: Run): Decision {
  if (!row.ok) return { kind: 'reject', failure: row.failure };
  const hasCard = passIdOf(row.customer) !== undefined;
  if (hasCard && action === 'issue') return { kind: 'skip', reason: 'has-card' };
  if (!hasCard && action !== 'issue') return { kind: 'skip', reason: 'no-card' };

  const { attributes } = row.customer;
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
    ...(action === 'reissue' && { replaces: true }),
    ...(text !== undefined && { text }),
    ...(useBy !== undefined && { useBy }),
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
