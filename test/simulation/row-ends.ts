/** Reads from the ledger how each row of a world ended. */

import { type SkipReason, skipReasons } from '../../src/domain/jobs/outcome.ts';
import type { FailedJob } from '../../src/domain/failures/failed.ts';
import type { LedgerKeys } from '../../src/ledger/keys.ts';
import type { RowEnd } from './history.ts';
import type { RedisServer, Reply } from './redis-server.ts';
import type { CampaignSpec } from './world-spec.ts';
import { FIRST_WITH_CARD } from './world-spec.ts';

export async function readRowEnds(
  server: RedisServer,
  keys: LedgerKeys,
  campaigns: readonly CampaignSpec[],
): Promise<RowEnd[]> {
  const ends: RowEnd[] = [];
  for (const campaign of campaigns) ends.push(...(await rowEndsOf(server, keys, campaign)));
  return ends;
}

async function rowEndsOf(
  server: RedisServer,
  keys: LedgerKeys,
  { id, action, customers }: CampaignSpec,
): Promise<RowEnd[]> {
  const failed = new Map<string, FailedJob>();
  for (const cause of texts(await server.command('HKEYS', keys.causes(id)))) {
    for (const text of texts(await server.command('HVALS', keys.failed(id, cause)))) {
      const record = JSON.parse(text) as FailedJob;
      if ('job' in record) failed.set(record.job.id, record);
    }
  }
  const isSet = async (key: string, row: number) => (await server.command('GETBIT', key, row)) === 1;
  return Promise.all(
    customers.map(async (number, index): Promise<RowEnd> => {
      const row = index + 1;
      const record = failed.get(`${id}-${row}`);
      const skips = await Promise.all(
        (Object.keys(skipReasons) as SkipReason[]).map((reason) => isSet(keys.skipped(id, reason), row)),
      );
      const isSettled = await isSet(keys.settled(id), row);
      const settledState = skips.includes(true) ? 'skipped' : (record?.state ?? 'done');
      return {
        campaign: id,
        row,
        customer: `c${number}`,
        action: action === 'notify' ? 'notify' : 'create',
        ...(number > FIRST_WITH_CARD && { card: `old-${number}` }),
        state: isSettled ? settledState : undefined,
        isWriteBackFailed: record?.state === 'done',
      };
    }),
  );
}

function texts(reply: Reply): string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}
