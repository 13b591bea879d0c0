/** Renders the cards of the first customers of a campaign that is being prepared, one at a time. */

import { makeRowFilter } from '../../campaign/row-filter.ts';
import type { AudienceCard } from '../../domain/campaigns/draft.ts';
import { matcherFor } from '../../domain/campaigns/condition.ts';
import { type CardVariables, mergeVariables, variablesOf } from '../../domain/cards/card-variables.ts';
import { cardProgramOf } from '../../domain/cards/card-face.ts';
import { campaignText, type PassJob } from '../../domain/jobs/pass-job.ts';
import {
  SAMPLE_VOUCHER,
  type Template,
  templateOf,
  type TemplateContext,
} from '../../domain/jobs/program.ts';
import { systemClock } from '../../kit/clock.ts';
import { UserError } from '../../kit/user-error.ts';
import { SourceError } from '../../sources/source-error.ts';
import { type CampaignRequest, openRequest } from './campaign-request.ts';

/** Rows that are read, in whole chunks, and cards to step through. */
const READ_ROWS = 1000;
const MAX_CARDS = 100;

/** Resolves with the card of customer `number`, counted from 1; undefined if there is none. Throws a {@link UserError}. */
export async function audienceCard(
  request: CampaignRequest,
  number: number,
): Promise<AudienceCard | undefined> {
  const { program } = request;
  const jobs = await firstJobs(request);
  const job = jobs[number - 1];
  if (job === undefined) return undefined;
  return {
    program: cardProgramOf(program),
    number,
    count: jobs.length,
    row: job.row,
    variables: variablesAfter(request, job),
  };
}

/** Returns the jobs of the first rows that would be sent. */
async function firstJobs(request: CampaignRequest): Promise<PassJob[]> {
  const { program, action, options } = request;
  try {
    const { source, condition } = await openRequest(request);
    const matches = condition && matcherFor(condition, systemClock());
    const run = { id: 'preview', program, action, ...options, ...(matches !== undefined && { matches }) };
    const filter = makeRowFilter(run, { remember: true });
    const jobs: PassJob[] = [];
    let rows = 0;
    for await (const chunk of source.rows()) {
      for (const row of chunk) {
        const decision = filter.judge(row);
        if (decision.kind === 'job') jobs.push(decision.job);
        if (jobs.length === MAX_CARDS) return jobs;
      }
      rows += chunk.length;
      if (rows >= READ_ROWS) break;
    }
    return jobs;
  } catch (error) {
    throw error instanceof SourceError ? new UserError('INVALID_CAMPAIGN', error.message) : error;
  }
}

/** Merges the variables that the campaign sets into those of a new card for the same customer. */
function variablesAfter({ program, options }: CampaignRequest, { customer, action }: PassJob): CardVariables {
  const context: TemplateContext = {
    customer: customer.attributes,
    customer_ids: customer.ids,
    time: Math.floor(systemClock() / 1000),
    voucher: SAMPLE_VOUCHER,
    ...campaignText(options.text),
  };
  const rendered = (template: Template | undefined): CardVariables => {
    const body = template?.render(context);
    return body?.ok === true ? variablesOf(body.body) : {};
  };
  return mergeVariables(rendered(program.create), rendered(templateOf(program, action)));
}
