/** Many updates of the same cards with errors and kills: every card ends with its newest data. */

import { sleep } from '../../../src/kit/clock.ts';
import { PASS_ID_ATTRIBUTE } from '../../../src/domain/jobs/pass-job.ts';
import { dayCampaign, makeWebhookRequest } from '../../../src/domain/jobs/webhook-request.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeInbox } from '../../../src/ledger/intake/inbox.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { openCampaignQueue } from '../../../src/queue/campaign-queue.ts';
import type { Scenario, Size } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';

interface Load {
  customers: number;
  updates: number;
  kills: number;
}

const loads: Readonly<Record<Size, Load>> = {
  short: { customers: 30, updates: 6, kills: 1 },
  full: { customers: 200, updates: 20, kills: 6 },
};

const faults = ['patch:500@5%', 'patch:503+1@3%', 'patch:reset-before@3%', 'patch:hang-after@1%'];
const END_TIMEOUT_MS = 240_000;

export const newestData: Scenario = {
  name: 'newest data',
  description:
    '200 cards are updated 20 times each by webhook, with errors, resets and hangs, and kill -9 of one of two processes meanwhile',
  testbed: { latencyMs: 30, env: { PASSMACHINE_TIMEOUT_MS: '2000', RETRY_DELAYS: '1,1,2,2,4,4,8,8' } },
  processes: 2,
  async play(testbed, size, { workers }) {
    const { customers, updates, kills } = loads[size];
    const id = await testbed.startCampaign(customers);
    await testbed.waitForEnd(id, END_TIMEOUT_MS);
    testbed.addFaults(...faults);
    let killed = 0;
    const day = await sendUpdates(testbed, updates, async (round) => {
      if (killed >= kills || round % Math.floor(updates / kills) !== 1) return;
      const victim = workers[killed % workers.length];
      await victim?.kill();
      victim?.start();
      killed += 1;
    });
    await waitUntilSettled(testbed, day);

    const newest = `v${updates}`;
    const outdated = [...testbed.sandbox.passes.all()].filter(({ body }) => firstNameOf(body) !== newest);
    const { done, skippedFor, failed } = await testbed.campaign(day);
    return {
      id,
      rows: customers,
      kills: killed,
      maxUnknown: 0,
      figures: {
        updates: String(customers * updates),
        done: String(done),
        superseded: String(skippedFor.superseded ?? 0),
        failed: String(failed),
      },
      problems: outdated.length > 0 ? [`${outdated.length} of ${customers} cards end with an old value`] : [],
    };
  },
};

/** Stores the updates as webhook requests are stored, a round for all customers at a time. Returns their campaign. */
async function sendUpdates(
  { redis, prefix, sandbox, random }: Testbed,
  updates: number,
  afterRound: (round: number) => Promise<void>,
): Promise<string> {
  const keys = makeLedgerKeys(prefix);
  const { receive } = makeInbox(redis, keys);
  const queue = openCampaignQueue(redis, prefix);
  const cards = [...sandbox.passes.all()];
  const order = dayCampaign({ program: 'loyalty', action: 'update' }, Date.now());
  try {
    for (let round = 1; round <= updates; round += 1) {
      const deliveries = cards.map(({ id, customer = '' }) => ({
        request: makeWebhookRequest({
          action: 'update',
          program: 'loyalty',
          customer: {
            ids: { registered: customer },
            attributes: { first_name: `v${round}`, last_name: 'N', id: customer, [PASS_ID_ATTRIBUTE]: id },
          },
        }),
      }));
      await receive(order, deliveries);
      await queue.addFeed(order.id, 0);
      await afterRound(round);
      await sleep(random() * 400);
    }
    return order.id;
  } finally {
    await queue.close();
  }
}

function firstNameOf(body: string): unknown {
  return (JSON.parse(body) as { templateVariables: Record<string, unknown> }).templateVariables[
    'kpFirstName'
  ];
}

async function waitUntilSettled({ redis, prefix }: Testbed, id: string): Promise<void> {
  const ledger = makeCampaignLedger(redis, makeLedgerKeys(prefix));
  const deadline = performance.now() + END_TIMEOUT_MS;
  for (;;) {
    const campaign = await ledger.find(id);
    if (campaign?.pending === 0) return;
    if (performance.now() > deadline) throw new Error(`updates are pending: ${JSON.stringify(campaign)}`);
    await sleep(100);
  }
}
