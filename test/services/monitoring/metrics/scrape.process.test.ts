/** A scrape during a Redis outage, and its size and cost, which must not grow with the number of jobs. */

import { describe, expect, it } from 'vitest';
import {
  makeMetrics,
  MAX_ENDED_CAMPAIGNS,
  MAX_NAMED_CAMPAIGNS,
} from '../../../../src/services/monitoring/metrics/metrics.ts';
import { makeScrape } from '../../../../src/services/monitoring/metrics/scrape.ts';
import { systemClock } from '../../../../src/kit/clock.ts';
import { eventually } from '../../../support/eventually.ts';
import { makeJob, makeOrder, silent } from '../../../support/make.ts';
import { startServer } from '../../../support/redis-servers.ts';
import { readSamples } from '../../../support/samples.ts';
import { openTestStores } from '../../../support/stores.ts';

/** Opens stores over a Redis without other clients. */
async function setUp() {
  const server = await startServer();
  const { stores } = await openTestStores({ REDIS_URL: `redis://${server.address}` });
  const metrics = makeMetrics();
  const file = { programs: new Map(), schedules: new Map() };
  const scrape = makeScrape({ metrics, stores, clock: systemClock, log: silent });
  const read = async () => readSamples(await scrape(file));
  const commandsServed = async () =>
    Number(/total_commands_processed:(\d+)/.exec(await server.redis.info('stats'))?.[1]);
  const createCampaigns = async (from: number, to: number) => {
    for (let n = from; n <= to; n += 1) {
      await stores.campaigns.create({ ...makeOrder(`run-${n}`), createdAt: n });
      await stores.campaigns.markCounted(`run-${n}`, 10);
    }
  };
  const endCampaigns = async (from: number, to: number) => {
    for (let n = from; n <= to; n += 1) {
      const id = `ended-${n}`;
      await stores.campaigns.create({ ...makeOrder(id), createdAt: n });
      await stores.campaigns.markFed(id, 0);
      await stores.campaigns.close(id, { isOver: false, now: n });
    }
  };
  /** Returns the number of Redis commands of one scrape. */
  const cost = async () => {
    const before = await commandsServed();
    await read();
    return (await commandsServed()) - before;
  };
  return { server, stores, metrics, read, cost, createCampaigns, endCampaigns };
}

/** Returns the number of series of each metric. */
function seriesCounts({ samples }: ReturnType<typeof readSamples>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of samples) {
    if (name.startsWith('passbridge_')) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

type SetUp = Awaited<ReturnType<typeof setUp>>;

function redisMetrics({ metrics }: SetUp): string[] {
  return metrics.sections[1]!.metrics.map(({ name }) => name);
}

async function expectNoRedisMetrics(system: SetUp): Promise<void> {
  const { of, has } = await system.read();
  expect(of('passbridge_redis_up')[0]?.value).toBe(0);
  expect(redisMetrics(system).filter(has)).toEqual([]);
  expect(has('passbridge_failures_total')).toBe(true);
  expect(has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
}

describe('while Redis is down', () => {
  it('omits metrics from Redis and keeps the others', async () => {
    const system = await setUp();
    const before = await system.read();
    expect(before.of('passbridge_redis_up')[0]?.value).toBe(1);
    expect(redisMetrics(system).filter(before.has).length).toBeGreaterThan(15);
    await system.server.kill();
    await eventually(() => expectNoRedisMetrics(system));
  });

  it('also if Redis hangs, and exports everything when it recovers', async () => {
    const system = await setUp();
    await system.read();
    system.server.freeze();
    await expectNoRedisMetrics(system);
    system.server.thaw();
    await eventually(async () => {
      const { of, has } = await system.read();
      expect(of('passbridge_redis_up')[0]?.value).toBe(1);
      expect(has('passbridge_queue_jobs')).toBe(true);
    });
  });
});

describe('a scrape', () => {
  it('has a constant size and cost for any number of ended campaigns and jobs', async () => {
    const { stores, read, cost, createCampaigns, endCampaigns } = await setUp();
    await createCampaigns(1, 2 * MAX_NAMED_CAMPAIGNS);
    await endCampaigns(1, MAX_ENDED_CAMPAIGNS);
    await stores.passQueue.add([makeJob(1)], 'campaign');
    // The first scrape loads the scripts.
    const few = await read();
    const fewCost = await cost();

    await endCampaigns(MAX_ENDED_CAMPAIGNS + 1, MAX_ENDED_CAMPAIGNS + 100);
    const jobs = Array.from({ length: 500 }, (_, index) => makeJob(index + 2));
    await stores.passQueue.add(jobs, 'campaign');
    const many = await read();

    expect(many.sum('passbridge_queue_jobs')).toBe(501);
    expect(many.of('passbridge_campaign_progress_ratio')).toHaveLength(MAX_NAMED_CAMPAIGNS);
    expect(many.has('passbridge_campaign_rows')).toBe(true);
    expect(seriesCounts(many)).toEqual(seriesCounts(few));
    expect(await cost()).toBe(fewCost);
  });

  it('has no labels that identify customers', async () => {
    const { metrics } = await setUp();
    const labels = metrics.sections.flatMap((section) => section.metrics.flatMap((metric) => metric.labels));
    const unbounded = new Set(['customer', 'email', 'row', 'job', 'pass', 'card', 'detail', 'url']);
    expect(labels.length).toBeGreaterThan(10);
    expect(labels.filter((label) => unbounded.has(label))).toEqual([]);
  });
});
