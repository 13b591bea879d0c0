/** Failures for the dashboard and its API. */

import type { FailedRecord } from '../../domain/failures/failed.ts';
import { type Json, SAMPLE_VOUCHER } from '../../domain/jobs/program.ts';
import type { Clock } from '../../kit/clock.ts';
import { parseExactJson } from '../../kit/json/exact-json.ts';
import type { Programs, ProgramsFile } from '../../programs/file/programs.ts';
import type { FailureService } from '../../web/dashboard/dashboard-service.ts';
import { renderBody } from '../../worker/render.ts';
import {
  cancelBulkAction,
  findBulkAction,
  listBulkActions,
  listExcluded,
  startBulkAction,
} from '../failures/bulk-actions.ts';
import { previewRule } from '../failures/edit-rules.ts';
import { failureGroups, failuresPage } from '../failures/list-failures.ts';
import { parseResolutions } from '../failures/resolution-csv.ts';
import { resolveUnknowns } from '../failures/resolve-unknowns.ts';
import { makeFindProgram } from '../programs/find-program.ts';
import type { Stores } from '../stores.ts';

export function makeFailureService(
  stores: Stores,
  { file, clock }: { file: Pick<ProgramsFile, 'programs'>; clock: Clock },
): FailureService {
  const findProgram = makeFindProgram(file, stores);
  return {
    groups: (selection) => failureGroups(stores, selection, clock()),
    page: (of, after) => failuresPage(stores, of, after),
    async example(found) {
      const request = requestOf(found.record, file.programs, clock());
      return { ...found, ...(request !== undefined && { request }) };
    },
    order: async (request, context) =>
      (await startBulkAction(stores, request, { ...context, now: clock() })).id,
    preview: (filter, rule) => previewRule(stores, file.programs, filter, rule, clock()),
    async failedJob({ cause, campaign, job }) {
      const [record] = await stores.failures.find(campaign, cause, [job]);
      return record !== undefined && 'job' in record ? record : undefined;
    },
    resolve: (resolutions, options, context) =>
      resolveUnknowns({ stores, findProgram }, resolutions, options, { ...context, now: clock() }),
    parseResolutions: (text) => parseResolutions(text),
    bulkActions: () => listBulkActions(stores),
    bulkAction: (id) => findBulkAction(stores, id),
    excluded: (id) => listExcluded(stores, id),
    cancel: async (id, context) => void (await cancelBulkAction(stores, id, { ...context, now: clock() })),
  };
}

/** Returns the body that would be sent now; undefined if it cannot be rendered. */
function requestOf(record: FailedRecord, programs: Programs, now: number): Json | undefined {
  if ('writeBack' in record) return record.writeBack.data;
  if (!('job' in record)) return undefined;
  const program = programs.get(record.job.program);
  if (program === undefined) return undefined;
  const body = renderBody(record.job, program, {
    time: Math.floor(now / 1000),
    silent: false,
    voucher: SAMPLE_VOUCHER,
  });
  return body.ok && body.text !== undefined ? (parseExactJson(body.text) as Json) : undefined;
}
