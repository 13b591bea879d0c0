/** passbridge as a drop-in replacement of Passmachine and Bloomreach: senders only change the URL. */

import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { startBulkAction } from '../../src/services/failures/bulk-actions.ts';
import { startBridge } from '../support/bridge.ts';
import { testAction } from '../support/make.ts';
import { eventually } from '../support/eventually.ts';
import { renderedCreate, renderedNotify } from '../support/guide.ts';

const day = () => new Date().toISOString().slice(0, 10).replaceAll('-', '');

async function openGateway(options: Parameters<typeof startBridge>[0] = {}) {
  const bridge = await startBridge(options);
  const { url } = await bridge.passbridge.startWeb(
    { programs: bridge.programs, schedules: new Map() },
    () => new Map(),
  );
  const send = async (
    path: string,
    body: string,
    { method = 'POST', headers = {} }: { method?: 'POST' | 'PATCH'; headers?: Record<string, string> } = {},
  ) => {
    const answer = await request(url + path, {
      method,
      // The headers of the guide.
      headers: { 'content-type': 'application/json', 'x-timestamp': '1763900000', ...headers },
      body,
    });
    return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> };
  };
  const { accountId } = bridge.sandbox.credentials;
  const campaign = (action: string) => bridge.find(`loyalty-${action}-webhooks-${day()}`);
  return { ...bridge, send, passes: `/accounts/${accountId}/passes`, campaign };
}

describe('in place of Passmachine', () => {
  it('forwards the guide’s bodies byte for byte, and writes the card back', async () => {
    const { send, passes, sandbox, campaign } = await openGateway();
    expect(await send(passes, renderedCreate('g-1'))).toMatchObject({
      status: 200,
      body: { success: true, result: { job_id: `loyalty-create-webhooks-${day()}-1` } },
    });
    await eventually(async () => expect(await campaign('create')).toMatchObject({ done: 1, writtenBack: 1 }));
    const [card] = sandbox.passes.of('g-1');
    expect(card?.history).toEqual([renderedCreate('g-1')]);
    expect(sandbox.customers.properties('registered:g-1')).toMatchObject({
      passmachine_pass_id: card?.id,
      passmachine_pass_email: 'g-1@example.com',
    });

    await send(`${passes}/${card?.id}`, renderedNotify('Dnes –20 %'), { method: 'PATCH' });
    await eventually(async () => expect(await campaign('notify')).toMatchObject({ done: 1 }));
    expect(sandbox.passes.of('g-1')[0]?.history).toEqual([
      renderedCreate('g-1'),
      renderedNotify('Dnes –20 %'),
    ]);
  });

  it('answers a sender that prefers to wait with Passmachine’s own answer, also the second time', async () => {
    const { send, passes, sandbox } = await openGateway({ latencyMs: 100 });
    const headers = { prefer: 'wait' };
    const first = await send(passes, renderedCreate('g-1'), { headers });
    const [card] = sandbox.passes.of('g-1');
    expect(first.body).toEqual({ data: { id: card?.id, ro: { microsite: { url: expect.any(String) } } } });
    expect((await send(passes, renderedCreate('g-1'), { headers })).body).toEqual(first.body);
    // Without the preference it is still the same request.
    const { body } = await send(passes, renderedCreate('g-1'));
    expect(body).toEqual({ success: true, result: { job_id: `loyalty-create-webhooks-${day()}-1` } });
    expect(sandbox.passes.of('g-1')).toHaveLength(1);
  });

  it('acknowledges a request whose card is not made before Bloomreach’s timeout', async () => {
    const { send, passes, sandbox } = await openGateway({
      latencyMs: 2000,
      env: { GATEWAY_WAIT_MS: '900' },
    });
    const { body } = await send(passes, renderedCreate('g-1'));
    expect(body).toMatchObject({ success: true, result: { job_id: expect.any(String) } });
    await eventually(() => expect(sandbox.passes.of('g-1')).toHaveLength(1));
  });

  it('answers a waiting sender with the failure, in a 200 that does not stop the campaign', async () => {
    const { send, passes } = await openGateway({ faults: ['create:404'] });
    expect(await send(passes, renderedCreate('g-1'), { headers: { prefer: 'wait=1' } })).toMatchObject({
      status: 200,
      body: { success: false, errors: [{ code: 'PM_TEMPLATE_UNKNOWN' }] },
    });
  });

  it('forwards a pass id with any characters but slashes unchanged', async () => {
    const { send, passes, failures, campaign, sandbox } = await openGateway();
    const body = renderedNotify('x');
    await send(`${passes}/a%3Bb%20%C5%BE?c=d`, body, { method: 'PATCH' });
    await eventually(async () => expect(await campaign('notify')).toMatchObject({ rejected: 1 }));
    expect(await failures((await campaign('notify')).id)).toMatchObject([{ code: 'PM_PASS_GONE' }]);
    expect(sandbox.witness.entries().at(-1)).toMatchObject({ kind: 'patch', passId: 'a%3Bb%20%C5%BE' });
  });
});

const track = '/track/v2/projects';
const event = (n: number, more: object = {}) => ({
  customer_ids: { registered: `e-${n}` },
  event_type: 'passmachine',
  timestamp: 1763855000.25,
  properties: { action: 'added', wallet: 'apple' },
  ...more,
});

describe('in place of Bloomreach', () => {
  it('forwards events once, in batches, with their original timestamps', async () => {
    const { send, sandbox, find } = await openGateway();
    const { projectToken } = sandbox.credentials;
    const commands = [
      ...Array.from({ length: 40 }, (_, n) => ({
        name: 'customers/events',
        command_id: `c${n}`,
        data: event(n),
      })),
      {
        name: 'customers',
        command_id: 'no',
        data: { customer_ids: { registered: 'e-1' }, properties: { a: 1 } },
      },
      { name: 'customers/events', data: event(50, { customer_ids: {} }) },
    ];
    const answer = await send(`${track}/${projectToken}/batch`, JSON.stringify({ commands }));
    expect(answer).toMatchObject({ status: 200, body: { success: true, start_time: expect.any(Number) } });
    expect(answer.body['results']).toEqual([
      ...Array.from({ length: 40 }, (_, n) => ({ success: true, command_id: `c${n}` })),
      { success: false, command_id: 'no', errors: ['Only customers/events is supported.'] },
      { success: false, errors: ['At least one id should be specified.'] },
    ]);
    const single = `${track}/${projectToken}/customers/events`;
    const opened = event(1, { event_type: 'card_opened', timestamp: 1763855000250 });
    expect((await send(single, JSON.stringify(opened))).body).toEqual({ success: true });
    // Sent again, as after a lost answer.
    expect((await send(single, JSON.stringify(event(3)))).body).toEqual({ success: true });

    const id = `passmachine-events-${day()}`;
    await eventually(async () =>
      expect(await find(id)).toMatchObject({
        status: 'finished',
        rows: 41,
        done: 41,
        writeBacks: 41,
        writtenBack: 41,
      }),
    );
    expect(sandbox.customers.get('registered:e-1')?.events).toEqual([
      { type: 'passmachine', timestamp: 1763855000.25, properties: { action: 'added', wallet: 'apple' } },
      {
        type: 'passmachine',
        timestamp: 1763855000.25,
        properties: { event_type: 'card_opened', action: 'added', wallet: 'apple' },
      },
    ]);
    const batches = sandbox.witness.entries().filter(({ kind }) => kind === 'batch');
    expect(batches.reduce((sum, { commands: sent = 0 }) => sum + sent, 0)).toBe(41);
    expect(batches.length).toBeLessThanOrEqual(3);
  });

  it('keeps events that Bloomreach refuses, and sends them again on retry', async () => {
    const { send, sandbox, find, failures, passbridge } = await openGateway({
      faults: ['command:refusex3'],
    });
    await send(`${track}/${sandbox.credentials.projectToken}/customers/events`, JSON.stringify(event(1)));
    const id = `passmachine-events-${day()}`;
    await eventually(async () => expect(await find(id)).toMatchObject({ done: 1, writeBackFailures: 1 }));
    expect(await failures(id)).toMatchObject([{ code: 'BR_COMMAND_REFUSED', count: 1 }]);
    await startBulkAction(
      passbridge.stores,
      { kind: 'retry', filter: { campaign: id, unknown: false } },
      { ...testAction, now: Date.now() },
    );
    await eventually(async () =>
      expect(await find(id)).toMatchObject({ writtenBack: 1, writeBackFailures: 0 }),
    );
    expect(sandbox.customers.get('registered:e-1')?.events).toHaveLength(1);
  });
});
