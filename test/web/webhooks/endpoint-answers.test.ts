/** Checks every row of the tables of docs/webhooks.md. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderedCreate, renderedNotify } from '../../support/guide.ts';
import { ACCOUNT, type Answer, customer, PROJECT, startEndpoint } from './endpoint-under-test.ts';

type Endpoint = Awaited<ReturnType<typeof startEndpoint>>;
type Examples = Record<string, (endpoint: Endpoint) => Promise<Answer>>;

const large = 'x'.repeat(256 * 1024);
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const wrong = { authorization: 'Bearer wrong' };
const key = { 'idempotency-key': 'k' };

const webhooks: Examples = {
  'one customer': ({ send }) => send({ body: customer(1) }),
  'the same customer again': async ({ send, accepted }) => {
    await send({ body: customer(1) });
    const answer = await send({ body: customer(1) });
    expect(accepted).toHaveLength(1);
    return answer;
  },
  'one customer without a required attribute': ({ send }) =>
    send({ body: { customer_ids: { registered: '1' }, customer: {} } }),
  'one customer without a customer id': ({ send }) =>
    send({ body: customer(1, { customer_ids: { registered: '' } }) }),
  'one customer nested more than 32 levels deep': ({ send }) =>
    send({ body: `{"customer_ids":{"registered":"1"},"customer":{"a":${nested(100_000)}}}` }),
  'one customer of more than 256 kB': async ({ send, accepted }) => {
    const answer = await send({ body: customer(1, { customer: { first_name: large } }) });
    expect(accepted).toEqual([]);
    return answer;
  },
  'one customer with an id of more than 256 characters': ({ send }) =>
    send({ body: customer(1, { customer_ids: { registered: 'w-1', other: 'x'.repeat(257) } }) }),
  'other content under a known `Idempotency-Key`': async ({ send }) => {
    await send({ body: customer(1), headers: key });
    return send({ body: customer(2), headers: key });
  },
  'one customer with another content type': ({ send }) =>
    send({ body: customer(1), headers: { 'content-type': 'text/plain' } }),
  'an array in which some customers are invalid': async ({ send }) => {
    const answer = await send({ body: [customer(1), 7, customer(2)] });
    expect(answer.body.results?.map(({ success }) => success)).toEqual([true, false, true]);
    return answer;
  },
  'an array in which some customers have more than 256 kB': async ({ send, accepted }) => {
    const many = customer(2, { customer: { list: Array.from({ length: 100_000 }, () => [1]) } });
    const one = customer(3, { customer: { first_name: large } });
    const answer = await send({ body: [customer(1), many, one, customer(4)] });
    expect(answer.body.results?.map(({ success }) => success)).toEqual([true, false, false, true]);
    expect(accepted).toHaveLength(2);
    return answer;
  },
  'an array nested more than 64 levels deep': ({ send }) => send({ body: nested(2_000_000) }),
  'an array with more than 250,000 lists and objects': ({ send }) =>
    send({ body: `[${'[],'.repeat(5_000_000)}[]]` }),
  'an array of more than 1,000 customers': ({ send }) =>
    send({ body: Array.from({ length: 1001 }, (_, n) => customer(n)) }),
  "an empty body (Bloomreach's connection test)": ({ send }) => send({ path: '/webhooks' }),
  'an unknown program': ({ send }) =>
    send({ path: '/webhooks/bloomreach/loyalti/create', body: customer(1) }),
  'an unknown action': ({ send }) => send({ path: '/webhooks/bloomreach/loyalty/delete', body: customer(1) }),
  'an unknown address below `/webhooks`': ({ send }) =>
    send({ path: '/webhooks/blomreach', body: customer(1) }),
  'an address that cannot be decoded': ({ send }) =>
    send({ path: '/webhooks/bloomreach/%zz/create', body: customer(1) }),
  'a method other than POST': ({ send }) => send({ method: 'PUT', body: customer(1) }),
  'a body that is not JSON': ({ send }) => send({ body: '{"customer' }),
  'a body that is not UTF-8': ({ send }) => send({ body: Buffer.from('{"é":1}', 'latin1') }),
  'a body larger than 16 MB': ({ send }) => send({ body: `"${'x'.repeat(16 * 1024 * 1024)}"` }),
  'wrong credentials': ({ send }) => send({ headers: wrong }),
  'too many wrong credentials': async ({ send }) => {
    for (let tries = 0; tries < 20; tries += 1) await send({ headers: wrong });
    return send({ headers: wrong });
  },
  'a request that Redis cannot store': ({ send, ledger }) => {
    ledger.isDown = true;
    return send({ body: customer(1) });
  },
};

const passes = `/accounts/${ACCOUNT}/passes`;
const card = { path: passes, body: renderedCreate('g-1') };
const notification = { path: `${passes}/p-1`, method: 'PATCH', body: renderedNotify('hello') };

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
  'a card without a customer id in `metadata`': ({ send }) => send({ ...card, body: renderedCreate('') }),
  'a notification without a pass id in the address': ({ send }) =>
    send({ ...notification, path: `${passes}/` }),
  'a notification for a pass id with a slash, or `.` or `..`': ({ send }) =>
    send({ ...notification, path: `${passes}/a%2Fb` }),
  'a notification for a pass id with non-ASCII letters': async ({ send, accepted }) => {
    const answer = await send({ ...notification, path: `${passes}/a%20%C5%BE%F0%9F%8E%AB?d=e` });
    expect(accepted).toMatchObject([{ customer: { attributes: { passmachine_pass_id: 'a ž🎫' } } }]);
    return answer;
  },
  'a notification that is not an array': ({ send }) => send({ ...notification, body: '{"op":"replace"}' }),
  'a body nested more than 32 levels deep': ({ send }) => send({ ...card, body: nested(100_000) }),
  'a body of more than 256 kB': ({ send }) =>
    send({ ...card, body: card.body.replace('{', `{"blob":"${large}",`) }),
  'a card with a customer id of more than 256 characters': ({ send }) =>
    send({ ...card, body: renderedCreate('x'.repeat(257)) }),
  'a notification for a pass id of more than 200 characters': ({ send }) =>
    send({ ...notification, path: `${passes}/${'x'.repeat(201)}` }),
  'another body under a known `Idempotency-Key`': async ({ send }) => {
    await send({ ...card, headers: key });
    return send({ ...card, body: renderedCreate('g-2'), headers: key });
  },
  'a `templateId` of no program': ({ send }) =>
    send({ ...card, body: card.body.replace('temple_id', 'template_id') }),
  'an unknown account': ({ send }) => send({ ...card, path: '/accounts/acc-2/passes' }),
  'an unknown address below `/accounts`': ({ send }) => send({ ...card, path: `/accounts/${ACCOUNT}/cards` }),
  'another method': ({ send }) => send({ ...notification, method: 'PUT' }),
  'a body that is not JSON': ({ send }) => send({ ...card, body: '{"templateId' }),
  'an empty body at the address of a create': ({ send }) => send({ path: passes }),
  'an empty body at `/`': ({ send }) => send({ path: '/' }),
  'wrong credentials': ({ send }) => send({ ...card, headers: wrong }),
  'a request that Redis cannot store': ({ send, ledger }) => {
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
const oversize = { ...command, data: makeEvent({ properties: { action: large } }) };
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
  'another event under a known `Idempotency-Key`': ({ send, ledger }) => {
    ledger.eventAck = 'conflict';
    return send({ ...one, headers: key });
  },
  'an event with a number in scientific notation as an id': ({ send }) =>
    send({ ...one, body: '{"customer_ids":{"registered":1.23e23},"event_type":"passmachine"}' }),
  'an event that names a job of another customer': ({ send, ledger }) => {
    ledger.eventAck = 'other-customer';
    return send(one);
  },
  'an event nested more than 32 levels deep': ({ send }) =>
    send({ ...one, body: `{"properties":${nested(100_000)}}` }),
  'an event of more than 256 kB': ({ send }) =>
    send({ ...one, body: makeEvent({ properties: { action: large } }) }),
  'an event with a customer id of more than 256 characters': ({ send }) =>
    send({ ...one, body: makeEvent({ customer_ids: { registered: 'x'.repeat(257) } }) }),
  'a batch in which some commands are invalid': async ({ send, events: stored }) => {
    const answer = await send(batch([command, null, { name: 'customers', data: {} }, command, oversize]));
    expect(answer.body.results?.map(({ success }) => success)).toEqual([true, false, false, true, false]);
    expect(stored).toHaveLength(2);
    return answer;
  },
  'a batch without commands': ({ send }) => send(batch([])),
  'a batch of more than 50 commands': ({ send }) => send(batch(Array.from({ length: 51 }, () => command))),
  'an unknown project': ({ send }) => send({ ...one, path: '/track/v2/projects/another/customers/events' }),
  'an unknown address below `/track`': ({ send }) => send({ ...one, path: `${project}/customers` }),
  'a body that is not JSON': ({ send }) => send({ ...one, body: 'event' }),
  'wrong credentials': ({ send }) => send({ ...one, headers: wrong }),
  'a request that Redis cannot store': ({ send, ledger }) => {
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
