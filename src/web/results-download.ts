/** The download of the rows of a campaign that are not done, for the dashboard and the API. */

import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { type RowResultState, rowResultStates } from '../domain/campaigns/source-row.ts';
import type { CampaignService } from './dashboard/dashboard-service.ts';

/** Returns the states in a list such as `failed,unknown`; all of them by default. Unknown names are ignored. */
export function statesIn(list = ''): RowResultState[] {
  const wanted = list.split(',').filter((name) => name !== '');
  return rowResultStates.filter((state) => wanted.length === 0 || wanted.includes(state));
}

type Results = Awaited<ReturnType<CampaignService['results']>>;

/** Sends the lines as a file that is named like the campaign. Rejects if the first one cannot be read. */
export async function sendResults(
  reply: FastifyReply,
  id: string,
  { format, lines }: Results,
): Promise<FastifyReply> {
  // Read before the headers are sent, so that an error still gets an error status.
  const first = await lines.next();
  const all = async function* () {
    if (first.done !== true) yield first.value;
    yield* lines;
  };
  return reply
    .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8')
    .header('content-disposition', `attachment; filename="${id.replaceAll(/[^\w.-]/g, '_')}.${format}"`)
    .send(Readable.from(all()));
}
