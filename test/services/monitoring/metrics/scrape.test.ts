/** A scrape: what is told while Redis is away, and that neither its size nor its cost grows with the work. */

import { describe, expect, it } from 'vitest';
import { makeMetrics, NAMED_CAMPAIGNS } from '../../../../src/services/monitoring/metrics/metrics.ts';
import { scrape } from '../../../../src/services/monitoring/metrics/scrape.ts';
import { NEWEST_CAMPAIGNS } from '../../../../src/services/monitoring/throughput-samples.ts';
import { systemClock } from '../../../../src/kit/clock.ts';
import { eventually } from '../../../support/eventually.ts';
import { makeJob, makeOrder, silent } from '../../../support/make.ts';
import { startServer } from '../../../support/redis-servers.ts';
import { readSamples } from '../../../support/samples.ts';
import { openTestStores } from '../../../support/stores.ts';

/** Stores over a Redis that nobody else talks to. */
async function scraped() {
  const server = await startServer();
  const { stores } = await openTestStores({ REDIS_URL: `redis://${server.place}` });
  const metrics = makeMetrics();
  const file = { programs: new Map(), schedules: new Map() };
  const look = async () =>
    readSamples(await scrape({ metrics, stores, file, clock: systemClock, log: silent }));
  const commandsServed = async () =>
    Number(/total_commands_processed:(\d+)/.exec(await server.redis.info('stats'))?.[1]);
  const createCampaigns = async (from: number, to: number) => {
    for (let n = from; n <= to; n += 1) {
      await stores.campaigns.create({ ...makeOrder(`run-${n}`), createdAt: n });
      await stores.campaigns.markCounted(`run-${n}`, 10);
    }
  };
  /** How many commands Redis serves for one scrape. */
  const cost = async () => {
    const before = await commandsServed();
    await look();
    return (await commandsServed()) - before;
  };
  return { server, stores, metrics, look, cost, createCampaigns };
}

/** How many series there are of each metric. */
function ours({ samples }: ReturnType<typeof readSamples>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of samples) {
    if (name.startsWith('passbridge_')) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

type Scraped = Awaited<ReturnType<typeof scraped>>;

function ofRedis({ metrics }: Scraped): string[] {
  return metrics.chapters[1]!.entries.map(({ name }) => name);
}

async function tellsNothingOfRedis(seen: Scraped): Promise<void> {
  const { of, has } = await seen.look();
  expect(of('passbridge_redis_up')[0]?.value).toBe(0);
  expect(ofRedis(seen).filter(has)).toEqual([]);
  expect(has('passbridge_failures_total')).toBe(true);
  expect(has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
}

describe('while Redis is away', () => {
  it('what it knows is absent, and the rest is told', async () => {
    const seen = await scraped();
    const before = await seen.look();
    expect(before.of('passbridge_redis_up')[0]?.value).toBe(1);
    expect(ofRedis(seen).filter(before.has).length).toBeGreaterThan(15);
    await seen.server.kill();
    await eventually(() => tellsNothingOfRedis(seen));
  });

  it('the same where it only stands still, and all is told again once it goes on', async () => {
    const seen = await scraped();
    await seen.look();
    seen.server.freeze();
    await tellsNothingOfRedis(seen);
    seen.server.thaw();
    await eventually(async () => {
      const { of, has } = await seen.look();
      expect(of('passbridge_redis_up')[0]?.value).toBe(1);
      expect(has('passbridge_queue_jobs')).toBe(true);
    });
  });
});

describe('a scrape', () => {
  it('has as many series and costs as many commands, whatever the number of campaigns and jobs', async () => {
    const { stores, look, cost, createCampaigns } = await scraped();
    await createCampaigns(1, NEWEST_CAMPAIGNS);
    await stores.passQueue.add([makeJob(1)], 'campaign');
    // The first one loads the scripts.
    const few = await look();
    const fewCost = await cost();

    await createCampaigns(NEWEST_CAMPAIGNS + 1, NEWEST_CAMPAIGNS + 100);
    const jobs = Array.from({ length: 500 }, (_, index) => makeJob(index + 2));
    await stores.passQueue.add(jobs, 'campaign');
    const many = await look();

    expect(many.sum('passbridge_queue_jobs')).toBe(501);
    expect(many.of('passbridge_campaign_progress_ratio')).toHaveLength(NAMED_CAMPAIGNS);
    expect(many.has('passbridge_campaign_rows')).toBe(true);
    expect(ours(many)).toEqual(ours(few));
    expect(await cost()).toBe(fewCost);
  });

  it('names no customer: its labels are those of the list, and its values are words of ours', async () => {
    const { metrics } = await scraped();
    const labels = metrics.chapters.flatMap(({ entries }) => entries.flatMap((entry) => entry.labels));
    const unbounded = new Set(['customer', 'email', 'row', 'job', 'pass', 'card', 'detail', 'url']);
    expect(labels.length).toBeGreaterThan(10);
    expect(labels.filter((label) => unbounded.has(label))).toEqual([]);
  });
});
