/** Failures as the dashboard and its API see and handle them. */

import type { Programs, ProgramsFile } from '../../programs/file/programs.ts';
import type { FailedRecord } from '../../domain/failures/failed.ts';
import { type Json, SAMPLE_VOUCHER } from '../../domain/jobs/program.ts';
import type { Clock } from '../../kit/clock.ts';
import type { FailureService } from '../../web/dashboard/dashboard-service.ts';
import { bodyOf } from '../../worker/job-body.ts';
import {
  cancelBulkAction,
  findBulkAction,
  leftOutOf,
  listBulkActions,
  startBulkAction,
} from '../failures/bulk-actions.ts';
import { failureGroups } from '../failures/failure-groups.ts';
import { failuresPage } from '../failures/failures-page.ts';
import { previewRule } from '../failures/preview-rule.ts';
import type { Stores } from '../stores.ts';

export function makeFailureService(
  stores: Stores,
  { file, clock }: { file: Pick<ProgramsFile, 'programs'>; clock: Clock },
): FailureService {
  return {
    groups: (selection) => failureGroups(stores, selection, clock()),
    page: (of, after) => failuresPage(stores, of, after),
    async example(found) {
      const request = requestOf(found.record, file.programs, clock());
      return { ...found, ...(request !== undefined && { request }) };
    },
    order: async (wish, act) => (await startBulkAction(stores, wish, { ...act, now: clock() })).id,
    preview: (filter, rule) => previewRule(stores, file.programs, filter, rule, clock()),
    async failedJob({ cause, campaign, job }) {
      const [record] = await stores.failures.among(campaign, cause, [job]);
      return record !== undefined && 'job' in record ? record : undefined;
    },
    bulkActions: () => listBulkActions(stores),
    bulkAction: (id) => findBulkAction(stores, id),
    leftOut: (id) => leftOutOf(stores, id),
    cancel: async (id, act) => void (await cancelBulkAction(stores, id, { ...act, now: clock() })),
  };
}

/** What would be sent now; undefined where nothing can be. */
function requestOf(record: FailedRecord, programs: Programs, now: number): Json | undefined {
  if ('writeBack' in record) return record.writeBack.data;
  if (!('job' in record)) return undefined;
  const program = programs.get(record.job.program);
  if (program === undefined) return undefined;
  const body = bodyOf(record.job, program, {
    time: Math.floor(now / 1000),
    silent: false,
    voucher: SAMPLE_VOUCHER,
  });
  return body.ok && body.text !== undefined ? (JSON.parse(body.text) as Json) : undefined;
}
