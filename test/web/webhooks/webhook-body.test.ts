/** Refusals of customers that cannot be served, and the requests made of those that can. */

import { describe, expect, it } from 'vitest';
import { customer, startEndpoint } from './endpoint-under-test.ts';

describe('a webhook is refused with the name of the field for', () => {
  it.each([
    ['a text longer than 250 characters', 'notify', { text: 'x'.repeat(251) }, 'text has more than 250'],
    ['no text', 'notify', {}, 'text is missing'],
    ['no card to change', 'update', {}, 'passmachine_pass_id is empty'],
    ['no attributes', 'create', { customer: undefined }, 'customer.first_name is empty'],
    [
      'an attribute that is null',
      'create',
      { customer: { first_name: null } },
      'customer.first_name is empty',
    ],
    ['an invalid time', 'create', { use_by: 'soon' }, 'use_by must be a time'],
    ['an empty id', 'create', { customer_ids: { registered: ' ' } }, 'customer_ids needs an id'],
    ['a list as the only id', 'create', { customer_ids: { cookie: ['a'] } }, 'customer_ids needs an id'],
    ['no ids', 'create', { customer_ids: undefined }, 'customer_ids'],
  ])('%s', async (_, action, odd, message) => {
    const { send, accepted } = await startEndpoint();
    const path = `/webhooks/bloomreach/loyalty/${action}`;
    const { status, body } = await send({ path, body: customer(1, odd) });
    expect([status, body.success, accepted]).toEqual([200, false, []]);
    expect(body.errors?.map(({ description }) => description).join('\n')).toContain(message);
    expect(JSON.stringify(body)).not.toContain('example.com');
  });

  it.each([
    ['a number', '7'],
    ['null', 'null'],
    ['text', '"x"'],
  ])('%s', async (_, body) => {
    const { send } = await startEndpoint();
    expect((await send({ body })).body.errors?.[0]?.description).toContain('expected object');
  });

  it('a number in scientific notation as an id', async () => {
    const { send } = await startEndpoint();
    const { body } = await send({ body: '{"customer_ids":{"registered":1.23e23}}' });
    expect(body.errors?.[0]?.description).toContain('customer_ids needs an id');
  });
});

describe('the ids of a request', () => {
  it.each([
    [
      'exclude arrays of cookies and null',
      { registered: 'w-1', cookie: ['a'], other: null },
      { registered: 'w-1' },
    ],
    [
      'start with the one that identifies the customer',
      { other: ' x ', registered: 7 },
      { registered: '7', other: 'x' },
    ],
  ])('%s', async (_, customer_ids, ids) => {
    const { send, accepted } = await startEndpoint();
    await send({ body: customer(1, { customer_ids }) });
    expect(JSON.stringify(accepted[0]?.customer.ids)).toBe(JSON.stringify(ids));
  });
});

it('keeps the digits of long numbers in ids and attributes as text', async () => {
  const { send, accepted } = await startEndpoint();
  const card = '"passmachine_pass_id":9007199254740993,"card":9203123456789012345,"points":17';
  await send({
    path: '/webhooks/bloomreach/loyalty/update',
    body: `{"customer_ids":{"registered":12345678901234567890},"customer":{${card},"first_name":"A","last_name":"B","id":1}}`,
  });
  expect(accepted[0]?.customer).toMatchObject({
    ids: { registered: '12345678901234567890' },
    attributes: { passmachine_pass_id: '9007199254740993', card: '9203123456789012345', points: 17 },
  });
});

it.each([4001, '4001'])('accepts the card id %j as an id', async (passmachine_pass_id) => {
  const { send } = await startEndpoint();
  const body = { ...customer(1), customer: { ...customer(1).customer, passmachine_pass_id } };
  const path = '/webhooks/bloomreach/loyalty/update';
  expect((await send({ path, body })).body.success).toBe(true);
});

it('text and use_by become fields of the job', async () => {
  const { send, accepted } = await startEndpoint();
  const body = {
    ...customer(1, { text: 'Dnes', use_by: '2026-12-24T18:00:00+01:00' }),
    customer: { passmachine_pass_id: 'p-1' },
  };
  await send({ path: '/webhooks/bloomreach/loyalty/notify', body });
  expect(accepted[0]).toMatchObject({ action: 'notify', text: 'Dnes', useBy: Date.UTC(2026, 11, 24, 17) });
});
