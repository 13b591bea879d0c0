/** Reads a whole source before anything is sent: counts its rows and predicts the result of each. */

import { type CampaignOrder, passActionOf } from '../domain/campaigns/campaign.ts';
import type { CampaignAction } from '../domain/campaigns/campaign-action.ts';
import type { Verdict } from '../domain/campaigns/condition.ts';
import type { Failure, FailureCode } from '../domain/failures/failure.ts';
import type { SkipReason } from '../domain/jobs/outcome.ts';
import { campaignText, type Customer, type PassJob } from '../domain/jobs/pass-job.ts';
import { type Program, SAMPLE_VOUCHER, templateOf } from '../domain/jobs/program.ts';
import { quietFor } from '../domain/campaigns/safeguards/quiet-hours.ts';
import type { Source } from '../domain/campaigns/source-row.ts';
import type { RejectedRow, Preflight } from '../domain/campaigns/preflight.ts';
import type { PreflightWarning } from '../domain/campaigns/preflight-warning.ts';
import { makeBreather } from './breather.ts';
import { type ForgottenList, judgeRows, skipForgotten } from './judged-row.ts';
import { makePreflightWarnings } from './preflight-warnings.ts';
import { type Decision, makeRowFilter } from './row-filter.ts';
import { makeSamples } from './samples.ts';

interface PreflightOptions extends Pick<CampaignOrder, 'text' | 'guards'> {
  source: Source;
  program: Program;
  action: CampaignAction;
  /** Milliseconds since 1970: bodies are rendered as if sent at this time. */
  now: number;
  /** The campaign's condition; absent if it has none. */
  matches?: (customer: Customer) => Verdict;
  /** Attributes that the condition tests by their bare value. */
  truthTests?: readonly string[];
  /** Text of the program's last notification. */
  lastText?: string;
  /** Finds customers who were forgotten, as the feeder does; absent if there is no store to ask. */
  forgotten?: Pick<ForgottenList, 'among'>;
  /** Called with the number of rows checked so far, after each chunk. */
  onProgress?: (rows: number) => void;
}

/** Rejected rows that a report lists one by one. */
const LISTED_ROWS = 20;

/** Renders every row without calling an upstream. Needs 16 to 48 bytes of memory per row. */
export async function preflightAll(options: PreflightOptions): Promise<Preflight> {
  const { source, program, action, text, lastText, guards, matches, forgotten, now } = options;
  const template = templateOf(program, passActionOf(action));
  const run = {
    id: 'preflight',
    program,
    action,
    ...(guards !== undefined && { guards }),
    ...(matches !== undefined && { matches }),
  };
  const rowFilter = makeRowFilter(run, { remember: true });
  const tally = makeTally();
  const samples = makeSamples();
  const warnings = makePreflightWarnings(truthTestsIn(program, action, options.truthTests));

  const count = (row: number, decision: Decision) => {
    if (decision.kind === 'skip') return tally.skip(decision.reason);
    if (decision.kind === 'reject') return tally.reject(row, decision.failure);
    const { customer } = decision.job;
    const rendered = template?.render({
      customer: customer.attributes,
      customer_ids: customer.ids,
      time: Math.floor(now / 1000),
      voucher: SAMPLE_VOUCHER,
      ...campaignText(text),
    });
    if (rendered !== undefined && 'aborted' in rendered) return tally.skip('aborted');
    if (rendered?.ok === false) return tally.reject(row, rendered.failure);
    if (rendered !== undefined) samples.add(decision.job, rendered.body);
    tally.send(decision.job, now);
  };

  const breathe = makeBreather();
  let rows = 0;
  for await (const chunk of source.rows()) {
    for (const row of chunk) if (row.ok) warnings.add(row.number, row.customer);
    const judged = await judgeRows(chunk, rowFilter);
    const remaining = forgotten === undefined ? judged : await skipForgotten(judged, forgotten);
    for (const { row, decision } of remaining) {
      count(row, decision);
      const breath = breathe();
      if (breath !== undefined) await breath;
    }
    rows += chunk.length;
    options.onProgress?.(rows);
  }
  const counts = tally.result();
  const sameText = text !== undefined && text === lastText ? counts.toSend : 0;
  return { ...counts, sameText, warnings: warnings.result(), samples: samples.result() };
}

/** Returns the attributes whose bare value decides what becomes of a row. */
function truthTestsIn(
  program: Program,
  action: CampaignAction,
  ofCondition: readonly string[] = [],
): string[] {
  const section = passActionOf(action);
  const ofResult = section === 'create' ? program.attributes.truthTests : [];
  return [...new Set([...(templateOf(program, section)?.truthTests ?? []), ...ofResult, ...ofCondition])];
}

/** Returns what the first rows of a source warn about, without rendering them. */
export async function warnAbout({
  source,
  program,
  action,
  truthTests,
}: Pick<PreflightOptions, 'source' | 'program' | 'action' | 'truthTests'>): Promise<PreflightWarning[]> {
  const warnings = makePreflightWarnings(truthTestsIn(program, action, truthTests));
  for await (const chunk of source.rows()) {
    for (const row of chunk) if (row.ok) warnings.add(row.number, row.customer);
  }
  return warnings.result();
}

function makeTally() {
  let toSend = 0;
  let quietNow = 0;
  let rejected = 0;
  const skipped: Partial<Record<SkipReason, number>> = {};
  const byCode = new Map<FailureCode, number>();
  const rejectedRows: RejectedRow[] = [];
  return {
    send({ quietHours }: PassJob, now: number) {
      toSend += 1;
      if (quietHours !== undefined && quietFor(quietHours, now) > 0) quietNow += 1;
    },
    skip(reason: SkipReason) {
      skipped[reason] = (skipped[reason] ?? 0) + 1;
    },
    reject(row: number, failure: Failure) {
      rejected += 1;
      byCode.set(failure.code, (byCode.get(failure.code) ?? 0) + 1);
      if (rejectedRows.length < LISTED_ROWS) rejectedRows.push({ row, failure });
    },
    result() {
      const skips = Object.values(skipped).reduce((sum, count) => sum + count, 0);
      return { rows: toSend + skips + rejected, toSend, quietNow, skipped, rejected, byCode, rejectedRows };
    },
  };
}
