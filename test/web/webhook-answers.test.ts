/** The table of docs/webhooks.md, row by row: what it says is what happens. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Answer, customer, startDoor } from './door-under-test.ts';

type Door = Awaited<ReturnType<typeof startDoor>>;

const examples: Record<string, (door: Door) => Promise<Answer>> = {
  'one customer': ({ send }) => send({ body: customer(1) }),
  'one customer who came before': async ({ send, taken }) => {
    await send({ body: customer(1) });
    const answer = await send({ body: customer(1) });
    expect(taken).toHaveLength(1);
    return answer;
  },
  'one customer who cannot be served': ({ send }) => send({ body: { customer: {} } }),
  'one customer, nested more than 32 levels deep': ({ send }) =>
    send({ body: `{"customer_ids":{"registered":"1"},"customer":{"a":${nested(100_000)}}}` }),
  'one customer under the key of another content': async ({ send }) => {
    await send({ body: customer(1), headers: { 'idempotency-key': 'k' } });
    return send({ body: customer(2), headers: { 'idempotency-key': 'k' } });
  },
  'one customer, with another content type': ({ send }) =>
    send({ body: customer(1), headers: { 'content-type': 'text/plain' } }),
  'a list of customers, some of whom cannot be served': async ({ send }) => {
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
  'wrong credentials': ({ send }) => send({ headers: { authorization: 'Bearer wrong' } }),
  'wrong credentials, too often': async ({ send }) => {
    for (let tries = 0; tries < 20; tries += 1) await send({ headers: { authorization: 'Bearer wrong' } });
    return send({ headers: { authorization: 'Bearer wrong' } });
  },
  'one that Redis cannot store': ({ send, ledger }) => {
    ledger.isAway = true;
    return send({ body: customer(1) });
  },
};

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

const page = readFileSync('docs/webhooks.md', 'utf8');
const rows = [
  ...page.matchAll(/^\| (?<request>.+?) \| (?<status>\d+) \| (?<success>\w+) \|(?<code>.*)\|$/gm),
];

describe('the answers of docs/webhooks.md', () => {
  it('are all tried here', () => {
    expect(rows.map(({ groups }) => groups?.['request'])).toEqual(Object.keys(examples));
  });

  it.each(rows.map(({ groups }) => groups ?? {}))('$request: $status', async (row) => {
    const door = await startDoor();
    const answer = await examples[row['request'] ?? '']?.(door);
    expect(answer?.status).toBe(Number(row['status']));
    expect(String(answer?.body.success)).toBe(row['success']);
    expect(answer?.body.errors?.[0]?.code ?? '').toBe(row['code']?.replaceAll(/[` ]/g, ''));
  });

  it('never hold a status that stops a whole campaign', () => {
    const stopping = new Set(['400', '404', '410', '412', '413', '418']);
    expect(rows.filter(({ groups }) => stopping.has(groups?.['status'] ?? ''))).toEqual([]);
  });
});
