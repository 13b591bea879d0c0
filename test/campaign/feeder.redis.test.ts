import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFeeder } from '../../src/campaign/feeder.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { startCampaignConsumer } from '../../src/queue/campaign-queue.ts';
import { makeCampaignFileOpener, sourceProblem } from '../../src/services/campaigns/files/campaign-file.ts';
import { makeRequeue } from '../../src/services/campaigns/requeue.ts';
import { fingerprintOf } from '../../src/sources/file-bytes.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { makeOrder, makeProgram, silent } from '../support/make.ts';
import { openTestStores } from '../support/stores.ts';

/** Starts a feeder whose campaign file cannot be read for the first `failures` times. */
async function startFailing(failures: number) {
  const { stores, cwd } = await openTestStores();
  const path = join(cwd, 'export.csv');
  await writeFile(path, goodCustomers(20));
  const openFile = makeCampaignFileOpener(['registered']);
  const state = { attempts: 0, failures };
  const feed = makeFeeder({
    ledger: { ...stores.campaigns, halt: stores.campaignSwitch.halt },
    enqueue: (jobs) => stores.passQueue.add(jobs, 'campaign'),
    connects: stores.connects,
    forgotten: { among: async () => [], remove: async () => {} },
    requeue: makeRequeue(stores, 'campaign'),
    feedWebhooks: async () => {},
    findProgram: async () => makeProgram(),
    async open(campaign) {
      state.attempts += 1;
      if (state.attempts <= state.failures) throw new Error('EMFILE: too many open files');
      return openFile(campaign);
    },
    conditionOf: () => {
      throw new Error('the campaign has no condition');
    },
    sourceProblem,
    clock: systemClock,
    log: silent,
  });
  const consumer = startCampaignConsumer({
    redis: stores.redis,
    prefix: stores.prefix,
    handle: ({ kind, ...job }, signal) => {
      if (kind === 'feed' && 'campaign' in job) return feed(job.campaign, signal);
      throw new Error(`unexpected ${kind}`);
    },
    retryDelay: () => 0,
    clock: systemClock,
    log: silent,
  });
  onTestFinished(() => consumer.stop());
  const source = { kind: 'file', path, fingerprint: await fingerprintOf(path) } as const;
  await stores.campaigns.create({ ...makeOrder(), source });
  await stores.campaignQueue.addFeed('run', 0);
  return { stores, state, find: () => stores.campaigns.find('run') };
}

describe('a campaign whose source fails', () => {
  it('says why it waits, and continues after 1,500 failed attempts', async () => {
    const { state, find } = await startFailing(1500);
    await eventually(async () => {
      const campaign = await find();
      expect(campaign).toMatchObject({
        status: 'running',
        feedProblem: { reason: 'EMFILE: too many open files' },
      });
      expect(campaign?.feedProblem?.attempts).toBeGreaterThan(100);
    });
    await eventually(async () => expect(await find()).toMatchObject({ fed: true, rows: 20 }), 120_000);
    expect(state.attempts).toBe(1501);
    expect((await find())?.feedProblem).toBeUndefined();
  });
});
