/** Edit rules of operators: compiled for the jobs of a bulk action, and previewed on a few real jobs before that. */

import { setImmediate } from 'node:timers/promises';
import { type BulkFilter, exclusionFor, includesCause } from '../../domain/failures/bulk-action.ts';
import {
  CHANGES_NOTHING,
  type EditJob,
  type EditRule,
  type RulePreview,
  type RuleSample,
  type SentBody,
} from '../../domain/failures/edit-rule.ts';
import type { FailedRecord } from '../../domain/failures/failed.ts';
import { customerKey, type PassJob } from '../../domain/jobs/pass-job.ts';
import { type Json, SAMPLE_VOUCHER, whyUnrendered } from '../../domain/jobs/program.ts';
import { UserError } from '../../kit/user-error.ts';
import { parseExactJson } from '../../kit/json/exact-json.ts';
import type { Programs } from '../../programs/file/programs.ts';
import { compileRule } from '../../programs/template/edit-rule.ts';
import { missingSection, renderBody } from '../../worker/render.ts';
import type { FailureStores } from './list-failures.ts';
import { causesPerCampaign } from './selection.ts';

/** Returns the function that applies a rule. A rule stored by another version may not compile: it fails for each job. */
export function editorOf(rule: EditRule): EditJob {
  const compiled = compileRule(rule);
  if (compiled.ok) return compiled.edit;
  return () => ({ ok: false, problem: compiled.problems.join('; ') });
}

const SAMPLES = 5;

/** Jobs that a rule is tried on; a rule that is tried on fewer has seen all of them. */
const MAX_TRIED = 500;

/** Tries a rule on jobs that match the filter and shows five; `now` is in milliseconds since 1970. Throws a `UserError`. */
export async function previewRule(
  stores: FailureStores,
  programs: Programs,
  filter: BulkFilter,
  rule: EditRule,
  now: number,
): Promise<RulePreview> {
  const compiled = compileRule(rule);
  if (!compiled.ok) return compiled;
  const time = Math.floor(now / 1000);
  const { jobs, changesNothing } = await tryRule(stores, filter, compiled.edit, time);
  const samples: RuleSample[] = [];
  for (const job of jobs) {
    samples.push(sampleOf(job, compiled.edit, programs, time));
    await setImmediate();
  }
  return { ok: true, samples, changesNothing };
}

/** Throws a `UserError` if a rule is known to change none of the jobs that match the filter. */
export async function assertChanges(
  stores: FailureStores,
  filter: BulkFilter,
  rule: EditRule,
  now: number,
): Promise<void> {
  const { changesNothing } = await tryRule(stores, filter, editorOf(rule), Math.floor(now / 1000));
  if (changesNothing) throw new UserError('BULK_ACTION_REFUSED', CHANGES_NOTHING);
}

/**
 * Returns up to five jobs to show, those that the rule changes or fails for first. `changesNothing` is true only if
 * all jobs were tried: a rule may be meant for one customer of many.
 */
async function tryRule(
  stores: FailureStores,
  filter: BulkFilter,
  edit: EditJob,
  time: number,
): Promise<{ jobs: PassJob[]; changesNothing: boolean }> {
  const [changed, unchanged]: [PassJob[], PassJob[]] = [[], []];
  let tried = 0;
  for await (const job of jobsToEdit(stores, filter)) {
    const edited = edit(job, time);
    const isChanged =
      !edited.ok || changesOf(job.customer.attributes, edited.job.customer.attributes).length > 0;
    (isChanged ? changed : unchanged).push(job);
    tried += 1;
    if (changed.length === SAMPLES || tried === MAX_TRIED) break;
    // A rule may be slow for each of them: the event loop must not block.
    await setImmediate();
  }
  return {
    jobs: [...changed, ...unchanged].slice(0, SAMPLES),
    changesNothing: tried > 0 && tried < MAX_TRIED && changed.length === 0,
  };
}

async function* jobsToEdit(stores: FailureStores, filter: BulkFilter): AsyncGenerator<PassJob> {
  for await (const { campaign, cause } of causesPerCampaign(stores, filter)) {
    const ids = filter.jobs?.filter((one) => one.campaign === campaign).map(({ job }) => job);
    if (ids?.length === 0 || !includesCause(filter, campaign, cause.id)) continue;
    if (ids !== undefined) {
      const records = await stores.failures.find(campaign, cause.id, ids);
      yield* records.flatMap((record) => editableJob(record, filter));
      continue;
    }
    for await (const records of stores.failures.pages(campaign, cause.id)) {
      yield* records.flatMap((record) => editableJob(record, filter));
    }
  }
}

function editableJob(record: FailedRecord, filter: BulkFilter): PassJob[] {
  return 'job' in record && exclusionFor({ kind: 'edit', filter }, record) === undefined ? [record.job] : [];
}

function sampleOf(job: PassJob, edit: EditJob, programs: Programs, time: number): RuleSample {
  const { campaign, id, row, customer } = job;
  const edited = edit(job, time);
  return {
    campaign,
    job: id,
    row,
    customer: customerKey(customer),
    changes: edited.ok ? changesOf(customer.attributes, edited.job.customer.attributes) : [],
    before: bodySentFor(job, programs, time),
    after: edited.ok ? bodySentFor(edited.job, programs, time) : edited,
  };
}

type Attributes = PassJob['customer']['attributes'];

function changesOf(before: Attributes, after: Attributes): RuleSample['changes'] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((attribute) => ({ attribute, before: before[attribute], after: after[attribute] }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}

function bodySentFor(job: PassJob, programs: Programs, time: number): SentBody {
  const program = programs.get(job.program);
  if (program === undefined) return { ok: false, problem: missingSection(job).detail };
  const body = renderBody(job, program, { time, silent: false, voucher: SAMPLE_VOUCHER });
  if (!body.ok) return { ok: false, problem: whyUnrendered(body) };
  return { ok: true, body: parseExactJson(body.text ?? 'null') as Json };
}
