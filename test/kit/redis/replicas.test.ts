/** A write counts once replicas have it: a card is not asked for before, and a webhook not acknowledged. */

import { expect, it, onTestFinished } from 'vitest';
import { makeWebhookRequest } from '../../../src/domain/jobs/webhook-request.ts';
import { connectPatiently } from '../../../src/kit/redis/redis.ts';
import type { RedisAddress } from '../../../src/kit/redis/redis-address.ts';
import { NotConfirmed } from '../../../src/kit/redis/replicas.ts';
import { makeInbox } from '../../../src/ledger/intake/inbox.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeQueued, makeOrder } from '../../support/make.ts';
import { addReplicas, startCluster, startServer } from '../../support/redis-servers.ts';

function open(address: RedisAddress) {
  const redis = connectPatiently(address);
  const waiting = connectPatiently(address);
  onTestFinished(() => {
    redis.disconnect();
    waiting.disconnect();
  });
  const keys = makeLedgerKeys('{test}');
  const replicas = { redis: waiting, atLeast: 1 };
  return {
    jobs: makeJobLedger(redis, keys, { cardTtlMs: 60_000, replicas, clock: Date.now }),
    careless: makeJobLedger(redis, keys, { cardTtlMs: 60_000, clock: Date.now }),
    inbox: makeInbox(redis, keys, replicas),
  };
}

const customer = { ids: { registered: 'h-1' }, attributes: {} };
const delivery = { request: makeWebhookRequest({ action: 'create', program: 'loyalty', customer }) };

it('without a replica nothing is confirmed, and the customer is free again', async () => {
  const { place } = await startServer();
  const { jobs, inbox } = open({ url: `redis://${place}` });
  expect(await jobs.claim(makeQueued(1))).toMatchObject({ answer: 'unconfirmed' });
  expect(await jobs.isOut(makeQueued(1))).toBe(false);
  // A change may be made twice.
  const change = makeQueued(2, { action: 'update' });
  expect(await jobs.claim(change)).toMatchObject({ answer: 'go' });
  await expect(inbox.receive(makeOrder(), [delivery])).rejects.toThrow(NotConfirmed);
});

it('a create that may have been made stays marked, whoever asks again without replicas', async () => {
  const { place } = await startServer();
  const { jobs, careless } = open({ url: `redis://${place}` });
  expect(await careless.claim(makeQueued(1))).toMatchObject({ answer: 'go' });
  expect(await jobs.claim(makeQueued(1))).toMatchObject({ answer: 'unconfirmed' });
  expect(await careless.claim(makeQueued(1))).toMatchObject({ answer: 'sent-before' });
});

it('with one on a Cluster it is', async () => {
  const nodes = await startCluster();
  await addReplicas(nodes);
  const { jobs, inbox } = open({ nodes: nodes.map(({ port }) => ({ host: '127.0.0.1', port })), tls: false });
  // A replica that has just come may need more than a moment; the customer is free again until then.
  await expect.poll(() => jobs.claim(makeQueued(1))).toMatchObject({ answer: 'go' });
  expect(await jobs.isOut(makeQueued(1))).toBe(true);
  const { bulkActions } = await inbox.receive(makeOrder(), [delivery]);
  expect(bulkActions).toMatchObject([{ kind: 'new' }]);
});
