/** What a rule would do, shown on a few real jobs before anything is changed. */

import { makeRuleCompiler } from '../../programs/template/edit-rule.ts';
import type { Programs } from '../../programs/file/programs.ts';
import { type BulkFilter, blockerOf, meansCause } from '../../domain/failures/bulk-action.ts';
import type {
  EditJob,
  EditRule,
  RulePreview,
  RuleSample,
  SentBody,
} from '../../domain/failures/edit-rule.ts';
import type { FailedRecord } from '../../domain/failures/failed.ts';
import { customerKey, type PassJob } from '../../domain/jobs/pass-job.ts';
import { type Json, SAMPLE_VOUCHER, whyUnrendered } from '../../domain/jobs/program.ts';
import { bodyOf, unknownSection } from '../../worker/job-body.ts';
import type { FailureStores } from './failure-groups.ts';
import { campaignsOf } from './selection.ts';

const SAMPLES = 5;

/** Tries a rule on up to five jobs that it is meant for; `now` in ms. Throws a `UserError`. */
export async function previewRule(
  stores: FailureStores,
  programs: Programs,
  filter: BulkFilter,
  rule: EditRule,
  now: number,
): Promise<RulePreview> {
  const compiled = makeRuleCompiler()(rule);
  if (!compiled.ok) return compiled;
  const time = Math.floor(now / 1000);
  const jobs = await someJobs(stores, filter);
  return { ok: true, samples: jobs.map((job) => sampleOf(job, compiled.edit, programs, time)) };
}

/** A few of the jobs that a filter means, of as many causes as it takes. */
async function someJobs(stores: FailureStores, filter: BulkFilter): Promise<PassJob[]> {
  const jobs: PassJob[] = [];
  for (const campaign of await campaignsOf(stores, filter)) {
    const ids = filter.jobs?.filter((one) => one.campaign === campaign).map(({ job }) => job);
    if (ids?.length === 0) continue;
    for (const { cause } of await stores.failures.causes(campaign)) {
      if (!meansCause(filter, campaign, cause.id)) continue;
      const records =
        ids === undefined
          ? (await stores.failures.page(campaign, cause.id, { size: SAMPLES })).records
          : await stores.failures.among(campaign, cause.id, ids);
      jobs.push(...records.flatMap((record) => editable(record, filter)));
      if (jobs.length >= SAMPLES) return jobs.slice(0, SAMPLES);
    }
  }
  return jobs;
}

function editable(record: FailedRecord, filter: BulkFilter): PassJob[] {
  return 'job' in record && blockerOf({ kind: 'edit', filter }, record) === undefined ? [record.job] : [];
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
    before: sentFor(job, programs, time),
    after: edited.ok ? sentFor(edited.job, programs, time) : edited,
  };
}

type Attributes = PassJob['customer']['attributes'];

function changesOf(before: Attributes, after: Attributes): RuleSample['changes'] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((attribute) => ({ attribute, before: before[attribute], after: after[attribute] }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}

function sentFor(job: PassJob, programs: Programs, time: number): SentBody {
  const program = programs.get(job.program);
  if (program === undefined) return { ok: false, problem: unknownSection(job).detail };
  const body = bodyOf(job, program, { time, silent: false, voucher: SAMPLE_VOUCHER });
  if (!body.ok) return { ok: false, problem: whyUnrendered(body) };
  return { ok: true, body: JSON.parse(body.text ?? 'null') as Json };
}
