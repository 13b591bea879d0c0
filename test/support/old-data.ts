/** A workspace whose Redis holds data of an older version. */

import { QueueKeys } from 'bullmq';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { queueNames } from '../../src/queue/names.ts';
import { makeWorkspace } from './cli.ts';
import { openRedis } from './redis.ts';

export async function openWithOldData() {
  const workspace = await makeWorkspace();
  const redis = openRedis();
  const prefix = workspace.env['QUEUE_PREFIX'] ?? '';
  const oldJob = new QueueKeys(prefix).toKey(queueNames.pass, 'old-run-1');
  await redis.zadd(makeLedgerKeys(prefix).campaigns, 1, 'old-run');
  await redis.set(oldJob, 'x');
  const hasOldData = async () => (await redis.exists(oldJob)) === 1;
  return { ...workspace, hasOldData };
}
