import { Queue } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import {
  type CampaignJob,
  openCampaignQueue,
  startCampaignConsumer,
} from '../../src/queue/campaign-queue.ts';
import { queueNames } from '../../src/queue/names.ts';
import { eventually } from '../support/eventually.ts';
import { silent } from '../support/make.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

const FEED = 'feed-run-0';

function setUp() {
  const redis = openRedis();
  const prefix = testPrefix();
  const queue = openCampaignQueue(redis, prefix);
  const raw = new Queue(queueNames.campaign, { connection: redis, prefix });
  onTestFinished(async () => {
    await Promise.all([queue.close(), raw.close()]);
  });
  const consume = (handle: (job: CampaignJob) => Promise<'ended' | 'interrupted'>) => {
    const consumer = startCampaignConsumer({
      redis,
      prefix,
      handle,
      retryDelay: () => 0,
      clock: systemClock,
      log: silent,
    });
    onTestFinished(() => consumer.stop());
    return consumer;
  };
  return { redis, queue, raw, consume };
}

describe('the campaign queue', () => {
  it('tries a job again for as long as it throws', async () => {
    const { queue, raw, consume } = setUp();
    let attempts = 0;
    consume(async () => {
      attempts += 1;
      if (attempts <= 1100) throw new Error('the disk is gone');
      return 'ended';
    });
    await queue.addFeed('run', 0);
    await eventually(async () => expect(await raw.getJobState(FEED)).toBe('unknown'), 120_000);
    expect(attempts).toBe(1101);
  });

  it('adds a job once while it waits', async () => {
    const { queue, raw } = setUp();
    await queue.addFeed('run', 0);
    const added = await raw.getJob(FEED);
    await queue.addFeed('run', 0);
    expect(await raw.getJobCounts()).toMatchObject({ prioritized: 1 });
    expect((await raw.getJob(FEED))?.timestamp).toBe(added?.timestamp);
  });

  it.each([
    ['failed for good', 'failed'],
    ['ended but was kept', 'completed'],
    ['is in no list', undefined],
  ] as const)('replaces a job that %s', async (_title, list) => {
    const { redis, queue, raw, consume } = setUp();
    await queue.addFeed('run', 0);
    await redis.zrem(raw.toKey('prioritized'), FEED);
    if (list !== undefined) await redis.zadd(raw.toKey(list), 1, FEED);
    expect(await raw.getJobState(FEED)).toBe(list ?? 'unknown');

    const handled: CampaignJob[] = [];
    consume(async (job) => {
      handled.push(job);
      return 'ended';
    });
    await queue.addFeed('run', 0);
    await eventually(() => expect(handled).toEqual([{ kind: 'feed', campaign: 'run' }]));
  });

  it('hands an interrupted job to another process', async () => {
    const { queue, consume } = setUp();
    let interrupted = 0;
    const first = consume(async () => {
      interrupted += 1;
      return 'interrupted';
    });
    await queue.addFeed('run', 0);
    await eventually(() => expect(interrupted).toBeGreaterThan(0));
    await first.stop();
    let ended = 0;
    consume(async () => {
      ended += 1;
      return 'ended';
    });
    await eventually(() => expect(ended).toBe(1));
  });
});
