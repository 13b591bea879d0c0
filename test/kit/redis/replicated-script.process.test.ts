/** A write counts once replicas acknowledge it; only then is a card requested or a webhook acknowledged. */

import { expect, it, onTestFinished } from 'vitest';
import { makeWebhookRequest } from '../../../src/domain/jobs/webhook-request.ts';
import { connectRedis } from '../../../src/kit/redis/redis.ts';
import type { RedisAddress } from '../../../src/kit/redis/address.ts';
import { NotReplicatedError } from '../../../src/kit/redis/replicated-script.ts';
import { makeInbox } from '../../../src/ledger/intake/inbox.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeQueued, makeOrder } from '../../support/make.ts';
import { addReplicas, startCluster, startServer } from '../../support/redis-servers.ts';

function open(address: RedisAddress) {
  const redis = connectRedis(address);
  const waiting = connectRedis(address);
  onTestFinished(() => {
    redis.disconnect();
    waiting.disconnect();
  });
  const keys = makeLedgerKeys('{test}');
  const replicas = { redis: waiting, minReplicas: 1 };
  return {
    jobs: makeJobLedger(redis, keys, { cardTtlMs: 60_000, replicas, clock: Date.now }),
    unreplicated: makeJobLedger(redis, keys, { cardTtlMs: 60_000, clock: Date.now }),
    inbox: makeInbox(redis, keys, replicas),
  };
}

const customer = { ids: { registered: 'h-1' }, attributes: {} };
const delivery = { request: makeWebhookRequest({ action: 'create', program: 'loyalty', customer }) };

it('without a replica, rejects a create and a webhook and releases the customer', async () => {
  const { address } = await startServer();
  const { jobs, inbox } = open({ url: `redis://${address}` });
  expect(await jobs.claim(makeQueued(1))).toMatchObject({ answer: 'unconfirmed' });
  expect(await jobs.claimStage(makeQueued(1))).toBeUndefined();
  // A PATCH may be repeated.
  const change = makeQueued(2, { action: 'update' });
  expect(await jobs.claim(change)).toMatchObject({ answer: 'go' });
  await expect(inbox.receive(makeOrder(), [delivery])).rejects.toThrow(NotReplicatedError);
});

it('keeps the claim of a create that may have been sent, also for a worker without replication', async () => {
  const { address } = await startServer();
  const { jobs, unreplicated } = open({ url: `redis://${address}` });
  expect(await unreplicated.claim(makeQueued(1))).toMatchObject({ answer: 'go' });
  expect(await jobs.claim(makeQueued(1))).toMatchObject({ answer: 'unconfirmed' });
  expect(await unreplicated.claim(makeQueued(1))).toMatchObject({ answer: 'sent-before' });
});

it('accepts a create and a webhook once a replica of a Cluster acknowledges', async () => {
  const nodes = await startCluster();
  await addReplicas(nodes);
  const { jobs, inbox } = open({ nodes: nodes.map(({ port }) => ({ host: '127.0.0.1', port })), tls: false });
  // A new replica may need a moment to sync; until then the customer is released again.
  await expect.poll(() => jobs.claim(makeQueued(1))).toMatchObject({ answer: 'go' });
  expect(await jobs.claimStage(makeQueued(1))).toBe('sent');
  const { acks: bulkActions } = await inbox.receive(makeOrder(), [delivery]);
  expect(bulkActions).toMatchObject([{ kind: 'new' }]);
});
