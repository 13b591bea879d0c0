/** Checks every row of the tables of docs/webhooks.md. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cardSetup, notificationSetup } from '../../support/guide-bodies.ts';
import { ACCOUNT, type Answer, customer, PROJECT, startEndpoint } from './endpoint-under-test.ts';

type Endpoint = Awaited<ReturnType<typeof startEndpoint>>;
type Examples = Record<string, (endpoint: Endpoint) => Promise<Answer>>;

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const wrong = { authorization: 'Bearer wrong' };
const key = { 'idempotency-key': 'k' };

const webhooks: Examples = {
  'one customer': ({ send }) => send({ body: customer(1) }),
  'one customer who came before': async ({ send, accepted }) => {
    await send({ body: customer(1) });
    const answer = await send({ body: customer(1) });
    expect(accepted).toHaveLength(1);
    return answer;
  },
  'one customer who cannot be served': ({ send }) =>
    send({ body: { customer_ids: { registered: '1' }, customer: {} } }),
  'one customer without an id': ({ send }) =>
    send({ body: customer(1, { customer_ids: { registered: '' } }) }),
  'one customer, nested more than 32 levels deep': ({ send }) =>
    send({ body: `{"customer_ids":{"registered":"1"},"customer":{"a":${nested(100_000)}}}` }),
  'one customer under the key of another content': async ({ send }) => {
    await send({ body: customer(1), headers: key });
    return send({ body: customer(2), headers: key });
  },
  'one customer, with another content type': ({ send }) =>
    send({ body: customer(1), headers: { 'content-type': 'text/plain' } }),
  'an array of customers, some of which cannot be served': async ({ send }) => {
    const answer = await send({ body: [customer(1), 7, customer(2)] });
    expect(answer.body.results?.map(({ success }) => success)).toEqual([true, false, true]);
    return answer;
  },
  'a list of more than 1,000 customers': ({ send }) =>
    send({ body: Array.from({ length: 1001 }, (_, n) => customer(n)) }),
  'nothing, as Bloomreach tries an address': ({ send }) => send({ path: '/webhooks' }),
  'an unknown program': ({ send }) =>
    send({ path: '/webhooks/bloomreach/loyalti/create', body: customer(1) }),
  'an unknown action': ({ send }) => send({ path: '/webhooks/bloomreach/loyalty/delete', body: customer(1) }),
  'an address below `/webhooks` that leads nowhere': ({ send }) =>
    send({ path: '/webhooks/blomreach', body: customer(1) }),
  'an address that cannot be read': ({ send }) =>
    send({ path: '/webhooks/bloomreach/%zz/create', body: customer(1) }),
  'another method than POST': ({ send }) => send({ method: 'PUT', body: customer(1) }),
  'a body that is no JSON': ({ send }) => send({ body: '{"customer' }),
  'a body that is not in UTF-8': ({ send }) => send({ body: Buffer.from('{"é":1}', 'latin1') }),
  'a body of more than 16 MB': ({ send }) => send({ body: `"${'x'.repeat(16 * 1024 * 1024)}"` }),
  'wrong credentials': ({ send }) => send({ headers: wrong }),
  'wrong credentials, too often': async ({ send }) => {
    for (let tries = 0; tries < 20; tries += 1) await send({ headers: wrong });
    return send({ headers: wrong });
  },
  'one that Redis cannot store': ({ send, ledger }) => {
    ledger.isDown = true;
    return send({ body: customer(1) });
  },
};

const passes = `/accounts/${ACCOUNT}/passes`;
const card = { path: passes, body: cardSetup('g-1') };
const notification = { path: `${passes}/p-1`, method: 'PATCH', body: notificationSetup('hello') };

const cards: Examples = {
  "the guide's card setup": async ({ send, accepted }) => {
    const answer = await send(card);
    expect(accepted).toMatchObject([
      {
        action: 'create',
        program: 'loyalty',
        customer: { ids: { registered: 'g-1' }, attributes: { email: 'g-1@example.com' } },
        body: card.body,
      },
    ]);
    return answer;
  },
  "the guide's notification setup": async ({ send, accepted }) => {
    const answer = await send(notification);
    expect(accepted).toMatchObject([
      { action: 'notify', customer: { attributes: { passmachine_pass_id: 'p-1' } }, body: notification.body },
    ]);
    return answer;
  },
  "a card without the customer's id in its metadata": ({ send }) => send({ ...card, body: cardSetup('') }),
  'a notification whose address ends without a card': ({ send }) =>
    send({ ...notification, path: `${passes}/` }),
  'a notification for a card with slashes and letters of any kind in its id': async ({ send, accepted }) => {
    const answer = await send({ ...notification, path: `${passes}/a/b%2Fc%20%C5%BE%F0%9F%8E%AB?d=e` });
    expect(accepted).toMatchObject([{ customer: { attributes: { passmachine_pass_id: 'a/b/c ž🎫' } } }]);
    return answer;
  },
  'a notification that is no list': ({ send }) => send({ ...notification, body: '{"op":"replace"}' }),
  'a body nested more than 32 levels deep': ({ send }) => send({ ...card, body: nested(100_000) }),
  'another body under the same key': async ({ send }) => {
    await send({ ...card, headers: key });
    return send({ ...card, body: cardSetup('g-2'), headers: key });
  },
  'a template that no program has': ({ send }) =>
    send({ ...card, body: card.body.replace('temple_id', 'template_id') }),
  'an unknown account': ({ send }) => send({ ...card, path: '/accounts/acc-2/passes' }),
  'another address below `/accounts`': ({ send }) => send({ ...card, path: `/accounts/${ACCOUNT}/cards` }),
  'another method': ({ send }) => send({ ...notification, method: 'PUT' }),
  'a body that is no JSON': ({ send }) => send({ ...card, body: '{"templateId' }),
  'nothing, at the address of the cards': ({ send }) => send({ path: passes }),
  'nothing, at `/`': ({ send }) => send({ path: '/' }),
  'wrong credentials': ({ send }) => send({ ...card, headers: wrong }),
  'one that Redis cannot store': ({ send, ledger }) => {
    ledger.isDown = true;
    return send(card);
  },
};

const project = `/track/v2/projects/${PROJECT}`;
const makeEvent = (more: object = {}) => ({
  customer_ids: { registered: 'e-1' },
  event_type: 'passmachine',
  timestamp: 1763855000.25,
  properties: { action: 'added' },
  ...more,
});
const one = { path: `${project}/customers/events`, body: makeEvent() };
const command = { name: 'customers/events', command_id: 'c', data: makeEvent() };
const batch = (commands: unknown) => ({ path: `${project}/batch`, body: { commands } });

const events: Examples = {
  'an event': async ({ send, events: stored }) => {
    const answer = await send(one);
    expect(stored).toEqual([{ event: makeEvent(), timed: true }]);
    return answer;
  },
  'an event without a customer': ({ send }) =>
    send({ ...one, body: makeEvent({ customer_ids: { cookie: '' } }) }),
  'an event without a type': ({ send }) => send({ ...one, body: makeEvent({ event_type: undefined }) }),
  'another event under the same key': ({ send, ledger }) => {
    ledger.eventAck = 'conflict';
    return send({ ...one, headers: key });
  },
  'a batch, some of which cannot be taken': async ({ send, events: stored }) => {
    const answer = await send(batch([command, null, { name: 'customers', data: {} }, command]));
    expect(answer.body.results?.map(({ success }) => success)).toEqual([true, false, false, true]);
    expect(stored).toHaveLength(2);
    return answer;
  },
  'a batch without commands': ({ send }) => send(batch([])),
  'a batch of more than 50 commands': ({ send }) => send(batch(Array.from({ length: 51 }, () => command))),
  'an unknown project': ({ send }) => send({ ...one, path: '/track/v2/projects/another/customers/events' }),
  'another address below `/track`': ({ send }) => send({ ...one, path: `${project}/customers` }),
  'a body that is no JSON': ({ send }) => send({ ...one, body: 'event' }),
  'wrong credentials': ({ send }) => send({ ...one, headers: wrong }),
  'one that Redis cannot store': ({ send, ledger }) => {
    ledger.isDown = true;
    return send(one);
  },
};

const page = readFileSync('docs/webhooks.md', 'utf8');
const tables = page.split(/^### /m).slice(1);
const rowsIn = (table = '') => [
  ...table.matchAll(/^\| (?<request>.+?) \| (?<status>\d+) \| (?<success>\w+) \|(?<code>.*)\|$/gm),
];

describe.each([
  ['To webhooks', webhooks],
  ['To cards and notifications', cards],
  ['To events', events],
])('the answers of docs/webhooks.md: %s', (heading, examples) => {
  const rows = rowsIn(tables.find((table) => table.startsWith(heading)));

  it('are all covered by an example', () => {
    expect(rows.map(({ groups }) => groups?.['request'])).toEqual(Object.keys(examples));
  });

  it.each(rows.map(({ groups }) => groups ?? {}))('$request: $status', async (row) => {
    const endpoint = await startEndpoint();
    const answer = await examples[row['request'] ?? '']?.(endpoint);
    expect(answer?.status).toBe(Number(row['status']));
    expect(String(answer?.body.success)).toBe(row['success']);
    const [error] = answer?.body.errors ?? [];
    expect(typeof error === 'object' ? error.code : '').toBe(row['code']?.replaceAll(/[` ]/g, ''));
  });

  it('never have a status that stops a campaign at Bloomreach', () => {
    const stopStatuses = new Set(['400', '404', '410', '412', '413', '418']);
    expect(rows.filter(({ groups }) => stopStatuses.has(groups?.['status'] ?? ''))).toEqual([]);
  });
});
