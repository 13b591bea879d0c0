/**
 * Test sends: a campaign's message to a few customers of its export, before the campaign. A test send is a small campaign of
 * its own, with a file of these rows, so it is retried, recorded and audited like any other and counts nothing in the campaign.
 */

import { join, resolve } from 'node:path';
import { makeRowFilter } from '../../campaign/row-filter.ts';
import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import type { CampaignOptions } from '../../domain/campaigns/options/parse-options.ts';
import type { SourceRow } from '../../domain/campaigns/source-row.ts';
import { skipReasons } from '../../domain/jobs/outcome.ts';
import { testCampaignId } from '../../domain/jobs/job-id.ts';
import { type Customer, passIdOf } from '../../domain/jobs/pass-job.ts';
import { formatCount } from '../../domain/presentation/format.ts';
import { systemClock } from '../../kit/clock.ts';
import { makePrivateFolder, PRIVATE_FILE, writeFileAtomically } from '../../kit/files.ts';
import { UserError } from '../../kit/user-error.ts';
import { type CampaignRequest, openRequest } from './campaign-request.ts';
import { spoolFolder } from './files/fetch.ts';
import { asUserError, prepareCampaign } from './prepare-campaign.ts';

/** More customers than testers have are a campaign: that has a canary. */
export const MAX_TEST_CUSTOMERS = 20;

/**
 * Returns the order of a test send to the customers of the export that have one of these customer ids or card ids. Throws a
 * {@link UserError} if one of them is not in the export or would not be sent to; nothing is stored then.
 */
export async function prepareTestSend(
  request: CampaignRequest,
  to: readonly string[],
): Promise<CampaignOrder> {
  const wanted = new Set(to.map((id) => id.trim()).filter((id) => id !== ''));
  if (wanted.size === 0)
    throw refused('A test send needs the customer id or the card id of at least one row of the export.');
  if (wanted.size > MAX_TEST_CUSTOMERS)
    throw refused(
      `A test send reaches at most ${MAX_TEST_CUSTOMERS} customers, and ${wanted.size} are named. Name fewer, or start the campaign with a canary.`,
    );
  const { config, program, action } = request;
  const createdAt = systemClock();
  const id = testCampaignId(program.name, action, new Date(createdAt), Math.random());
  const options = optionsOfTest(request.options);
  const customers = await asUserError(request, () => findCustomers(request, wanted));
  refuseUnsendable({ ...request, options }, customers);

  const folder = spoolFolder(config);
  const path = resolve(join(folder, `${id}.jsonl`));
  await makePrivateFolder(folder);
  await writeFileAtomically(path, [...new Set(customers.values())].map(toLine).join(''), {
    mode: PRIVATE_FILE,
  });
  const { from: _from, ...unnamed } = request;
  const order = await prepareCampaign({ ...unnamed, file: path, options }, { id, createdAt });
  return { ...order, isTest: true };
}

/**
 * Leaves out what chooses or times the customers of a campaign: a test goes to the named ones now. The notification limit
 * remains, because phones obey it.
 */
function optionsOfTest({ text, useBy, guards = {} }: CampaignOptions): CampaignOptions {
  const { notificationLimit } = guards;
  return {
    ...(text !== undefined && { text }),
    ...(useBy !== undefined && { useBy }),
    guards: { ...(notificationLimit !== undefined && { notificationLimit }) },
  };
}

/** Reads the export until every id is found; returns the customers by the id that found them. */
async function findCustomers(
  request: CampaignRequest,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Customer>> {
  const found = new Map<string, Customer>();
  const { source } = await openRequest(request);
  for await (const chunk of source.rows()) {
    for (const { id, customer } of chunk.flatMap(namesOf)) {
      if (wanted.has(id) && !found.has(id)) found.set(id, customer);
    }
    if (found.size === wanted.size) return found;
  }
  const missing = [...wanted].filter((id) => !found.has(id));
  throw refused(
    `The export has no row with the customer id or card id ${missing.join(', ')}. Correct the id, or add the customer to the export.`,
  );
}

function namesOf(row: SourceRow): { id: string; customer: Customer }[] {
  if (!row.ok) return [];
  const { customer } = row;
  const passId = passIdOf(customer);
  const ids = [...Object.values(customer.ids), ...(passId === undefined ? [] : [passId])];
  return ids.map((id) => ({ id, customer }));
}

function refuseUnsendable(
  { program, action, options }: CampaignRequest,
  customers: ReadonlyMap<string, Customer>,
): void {
  const filter = makeRowFilter({ id: 'test', program, action, ...options }, { remember: false });
  const problems = [...customers].flatMap(([id, customer]) => {
    const decision = filter.judge({ ok: true, number: 1, customer });
    switch (decision.kind) {
      case 'job':
        return [];
      case 'skip':
        return [`${id} ${skipReasons[decision.reason]}`];
      case 'reject':
        return [`${id}: ${decision.failure.detail}`];
    }
  });
  if (problems.length === 0) return;
  throw refused(
    `The test send was refused, because ${formatCount(problems.length, 'customer')} would not be sent to: ${problems.join('; ')}. Name others, or fix the export.`,
  );
}

function toLine({ ids, attributes }: Customer): string {
  return `${JSON.stringify({ customer_ids: ids, customer: attributes })}\n`;
}

function refused(message: string): UserError {
  return new UserError('INVALID_CAMPAIGN', message);
}
