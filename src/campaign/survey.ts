/** Looks over a whole source before anything is sent: how many rows, and what would become of each. */

import { type CampaignAction, passActionOf } from '../job/campaign.ts';
import type { Failure, FailureCode } from '../job/failure.ts';
import { customerKey, type PassJob } from '../job/pass-job.ts';
import { type Json, type Program, templateOf } from '../job/program.ts';
import type { Source, SourceRow } from '../job/source-row.ts';
import type { RejectedRow, Sample, Survey } from '../job/survey.ts';
import { decide } from './door.ts';

interface SurveyOptions {
  source: Source;
  program: Program;
  action: CampaignAction;
  text?: string;
  /** Unix seconds for `{{ time }}`. */
  time: number;
}

/** Rejected rows that a report names one by one. */
const NAMED_ROWS = 20;

/** Renders every row and calls nobody. */
export async function surveyAll({ source, program, action, text, time }: SurveyOptions): Promise<Survey> {
  const template = templateOf(program, passActionOf[action]);
  const customers = new Set<string>();
  const tally = makeTally();
  const samples = makeSamples();

  const survey = (row: SourceRow) => {
    const decision = decide(row, { id: 'survey', program, action });
    if (decision.kind === 'skip') return tally.count(decision.reason === 'has-card' ? 'hasCard' : 'noCard');
    if (decision.kind === 'reject') return tally.reject(row.number, decision.failure);
    const { customer } = decision.job;
    const rendered = template?.render({
      customer: customer.attributes,
      customer_ids: customer.ids,
      time,
      ...(text !== undefined && { text }),
    });
    if (rendered?.ok === false) return tally.reject(row.number, rendered.failure);
    const key = customerKey(customer);
    if (customers.has(key)) return tally.count('duplicates');
    customers.add(key);
    if (rendered !== undefined) samples.look(decision.job, rendered.body);
    tally.count('toSend');
  };

  for await (const chunk of source.rows()) for (const row of chunk) survey(row);
  return { ...tally.result(), samples: samples.result() };
}

function makeTally() {
  const counts = { toSend: 0, hasCard: 0, noCard: 0, duplicates: 0, rejected: 0 };
  const byCode = new Map<FailureCode, number>();
  const rejectedRows: RejectedRow[] = [];
  return {
    count(name: 'toSend' | 'hasCard' | 'noCard' | 'duplicates') {
      counts[name] += 1;
    },
    reject(row: number, failure: Failure) {
      counts.rejected += 1;
      byCode.set(failure.code, (byCode.get(failure.code) ?? 0) + 1);
      if (rejectedRows.length < NAMED_ROWS) rejectedRows.push({ row, failure });
    },
    result: () => ({
      ...counts,
      rows: counts.toSend + counts.hasCard + counts.noCard + counts.duplicates + counts.rejected,
      byCode,
      rejectedRows,
    }),
  };
}

/** Keeps three bodies: the first, the longest, and the one of the customer with the fewest attributes. */
function makeSamples() {
  let typical: Sample | undefined;
  let longest: (Sample & { length: number }) | undefined;
  let sparsest: (Sample & { fields: number }) | undefined;
  return {
    look(job: PassJob, body: Json) {
      const { row } = job;
      typical ??= { title: 'typical', row, body };
      const { length } = JSON.stringify(body);
      if (longest === undefined || length > longest.length) longest = { title: 'longest', row, body, length };
      const fields = Object.keys(job.customer.attributes).length;
      if (sparsest === undefined || fields < sparsest.fields) {
        sparsest = { title: 'fewest fields', row, body, fields };
      }
    },
    result: (): Sample[] => [typical, longest, sparsest].filter((sample) => sample !== undefined),
  };
}
