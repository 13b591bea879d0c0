/** Alert messages, received by a real server, during outages simulated with a fake clock. */

import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendAlerts } from '../../../../src/services/monitoring/alerts/alerting.ts';
import { sendCampaignEnds } from '../../../../src/services/monitoring/alerts/campaign-ends.ts';
import { openAlertChannels } from '../../../../src/services/monitoring/alerts/channels.ts';
import { openStores } from '../../../../src/services/stores.ts';
import { loadConfig } from '../../../../src/config/load.ts';
import { failure } from '../../../../src/domain/failures/failure.ts';
import type { Heartbeat } from '../../../../src/domain/monitoring/heartbeat.ts';
import { makeQueued, makeOrder, silent } from '../../../support/make.ts';
import { sharedDataDir, testPrefix } from '../../../support/redis.ts';

const MINUTE = 60_000;
const SECRET = 'a secret to sign with';

interface Received {
  path: string;
  signature: string;
  body: string;
}

async function startReceiver() {
  const received: Received[] = [];
  const reply = { status: 200 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const signature = String(request.headers['x-passbridge-signature'] ?? '');
      if (reply.status === 200) received.push({ path: request.url ?? '', signature, body });
      response.writeHead(reply.status).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, reply };
}

async function setUp() {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-alerting-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const receiver = await startReceiver();
  const config = loadConfig({
    env: {
      DATA_DIR: sharedDataDir(),
      QUEUE_PREFIX: testPrefix(),
      PUBLIC_URL: 'https://cards.example.com',
      ALERT_SLACK_URL: `${receiver.url}/services/T0/B0/xyz?x=1`,
      ALERT_WEBHOOK_URL: `${receiver.url}/hook`,
      ALERT_WEBHOOK_SECRET: SECRET,
    },
    cwd: folder,
  });
  const stores = await openStores(config, { env: process.env, say: () => {} });
  onTestFinished(() => stores.close());
  const time = { now: Date.now() };
  const file = { programs: new Map(), schedules: new Map() };
  const check = async () => {
    const channels = openAlertChannels(config);
    await sendAlerts({ stores, file, channels, clock: () => time.now, log: silent });
    await sendCampaignEnds({ stores, channels, clock: () => time.now, log: silent });
    await Promise.all(channels.map(({ close }) => close()));
  };
  const quiet = { recent: { calls: 0, failures: 0 }, consecutiveFailures: 0 };
  const heartbeat = (more: Partial<Heartbeat> = {}) =>
    stores.heartbeats.record(
      {
        process: 'a',
        pid: 1,
        host: 'here',
        version: '1.0.0',
        roles: ['worker', 'feeder'],
        since: 1,
        at: time.now,
        upstreams: { passmachine: quiet, bloomreach: quiet },
        ...more,
      },
      [],
    );
  return { stores, time, check, heartbeat, ...receiver };
}

describe('alert channels', () => {
  it('receive at most three messages for a 30-minute outage of Passmachine with 5,000 failures', async () => {
    const { stores, time, check, heartbeat, received } = await setUp();
    await stores.campaigns.create({ ...makeOrder(), guards: { pauseAt: 0.5 } });
    const rows = 5000;
    await stores.campaigns.accept('run', rows, [], 0);
    const perCheck = Math.ceil(rows / (30 * 6));
    let row = 0;
    const fail = async () => {
      const rowsNow = Array.from({ length: Math.min(perCheck, rows - row) }, () => (row += 1));
      const failed = { failure: failure('PM_UNAVAILABLE', '503'), attempts: 5, at: time.now };
      await Promise.all(
        rowsNow.map((n) => stores.jobs.settle(makeQueued(n), { state: 'failed', ...failed })),
      );
    };
    for (const end = time.now + 30 * MINUTE; time.now < end; time.now += 10_000) {
      await heartbeat({ breaker: { state: 'open', until: time.now + 5000 } });
      await fail();
      await check();
    }
    expect(row).toBe(rows);
    await stores.campaignSwitch.resume('run');
    for (const end = time.now + 5 * MINUTE; time.now < end; time.now += 10_000) {
      await heartbeat();
      await check();
    }
    const slack = received.filter(({ path }) => path === '/services/T0/B0/xyz?x=1');
    const texts = slack.map(({ body }) => (JSON.parse(body) as { text: string }).text);
    expect(texts.length).toBeLessThanOrEqual(3);
    expect(texts[0]).toMatch(/^\*passbridge: needs attention\*\n• Several calls to Passmachine failed/);
    expect(texts[0]).toContain('https://cards.example.com');
    expect(texts.at(-1)).toMatch(/^\*passbridge: all problems are resolved\*\n• resolved: /);
    expect(received.filter(({ path }) => path === '/hook')).toHaveLength(slack.length);
  }, 120_000);

  it('can verify the signature of a webhook message', async () => {
    const { time, check, heartbeat, received } = await setUp();
    for (let n = 0; n < 3; n += 1, time.now += 10_000) {
      await heartbeat({ token: { renews: false, leftMs: 0 } });
      await check();
    }
    const message = received.find(({ path }) => path === '/hook');
    const [, at = '', hex] = /^t=(\d+),v1=([\da-f]{64})$/.exec(message?.signature ?? '') ?? [];
    expect(createHmac('sha256', SECRET).update(`${at}.${message?.body}`).digest('hex')).toBe(hex);
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      event: 'opened',
      alerts: [{ code: 'TOKEN_REJECTED', remedy: expect.any(String), since: expect.stringContaining('T') }],
      resolved: [],
    });
  });

  it('receive a message once after they were unavailable', async () => {
    const { time, check, heartbeat, received, reply } = await setUp();
    reply.status = 500;
    const play = async (checks: number) => {
      for (let n = 0; n < checks; n += 1, time.now += 10_000) {
        await heartbeat({ token: { renews: false, leftMs: 0 } });
        await check();
      }
    };
    await play(5);
    expect(received).toEqual([]);
    reply.status = 200;
    await play(5);
    expect(received.map(({ path }) => path.slice(0, 5)).toSorted()).toEqual(['/hook', '/serv']);
  });
});

it('rejects a webhook URL without a secret', () => {
  const env = { ALERT_WEBHOOK_URL: 'http://127.0.0.1/hook' };
  expect(() => loadConfig({ env, cwd: '/tmp' })).toThrow(
    'ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRET must both be set: one of them is missing',
  );
});

/** Creates a campaign of three rows of which one is rejected, and ends it. */
async function endCampaign({ stores, time }: Awaited<ReturnType<typeof setUp>>, id: string) {
  const program = makeOrder().program;
  await stores.campaigns.create({ ...makeOrder(), id, createdAt: time.now - 5 * MINUTE });
  await stores.campaigns.accept(id, 3, [], 0);
  const why = failure('PM_REFUSED', 'no such template');
  for (const row of [1, 2, 3]) {
    const job = makeQueued(row, { id: `${id}-${row}`, campaign: id, program });
    await stores.jobs.settle(
      job,
      row === 3
        ? { state: 'rejected', failure: why, attempts: 1, at: time.now }
        : { state: 'skipped', reason: 'aborted' },
    );
  }
  await stores.campaigns.markQueued(id, { row: 3, jobs: 3 }, { row: 0, jobs: 0 });
  expect(await stores.campaigns.markFed(id, 3)).toBe(true);
  expect(await stores.campaigns.close(id, { isOver: false, now: time.now })).toBe(true);
}

describe('campaigns that have ended', () => {
  it('are reported with rows by state, causes, duration and a link, once', async () => {
    const installation = await setUp();
    const { time, check, heartbeat, received } = installation;
    await heartbeat();
    await endCampaign(installation, 'before');
    time.now += 2 * MINUTE;
    await heartbeat();
    await check();
    await endCampaign(installation, 'loyalty-1');
    await check();
    await check();
    expect(received.map(({ path }) => path)).toEqual(['/services/T0/B0/xyz?x=1', '/hook']);
    const [slack, hook] = received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(slack?.['text']).toBe(
      [
        '*passbridge: a campaign has ended*',
        '• loyalty-1 finished after 5 min: 2 skipped, 1 rejected',
        '   1 × PM_REFUSED: Passmachine rejected the content of the call.',
        '   https://cards.example.com/campaigns/loyalty-1',
      ].join('\n'),
    );
    expect(hook).toMatchObject({
      event: 'campaigns-ended',
      campaigns: [
        {
          id: 'loyalty-1',
          status: 'finished',
          rows: 3,
          done: 0,
          skipped: 2,
          rejected: 1,
          startedAt: new Date(time.now - 5 * MINUTE).toISOString(),
          endedAt: new Date(time.now).toISOString(),
          causes: [{ code: 'PM_REFUSED', count: 1 }],
          url: 'https://cards.example.com/campaigns/loyalty-1',
        },
      ],
    });
  });

  it('are reported at once after the campaign of a day of webhooks, which is not reported', async () => {
    const installation = await setUp();
    const { stores, time, check, received } = installation;
    await check();
    await stores.campaigns.create({ ...makeOrder(), id: 'day', source: { kind: 'webhooks' } });
    expect(await stores.campaigns.close('day', { isOver: true, now: time.now })).toBe(true);
    await check();
    expect(received).toEqual([]);
    await endCampaign(installation, 'loyalty-1');
    await check();
    expect(received.map(({ body }) => body.includes('loyalty-1'))).toEqual([true, true]);
  });

  it('are reported together, 15 minutes apart, and again after a message was not accepted', async () => {
    const installation = await setUp();
    const { time, check, heartbeat, received, reply } = installation;
    const texts = () =>
      received
        .filter(({ path }) => path !== '/hook')
        .map(({ body }) => (JSON.parse(body) as { text: string }).text);
    await check();
    await endCampaign(installation, 'first');
    await check();
    for (const id of ['second', 'third']) {
      time.now += MINUTE;
      await endCampaign(installation, id);
      await check();
    }
    expect(texts()).toHaveLength(1);
    time.now += 14 * MINUTE;
    reply.status = 500;
    await heartbeat();
    await check();
    reply.status = 200;
    await check();
    await check();
    expect(texts()).toEqual([
      expect.stringContaining('• first finished'),
      expect.stringMatching(/2 campaigns have ended\*\n• second finished[\s\S]+• third finished/),
    ]);
  });
});
