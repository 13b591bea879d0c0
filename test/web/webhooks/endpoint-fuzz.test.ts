/** An endpoint answers any request in JSON, with a status that does not stop a campaign. */

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { renderedCreate, renderedNotify } from '../../support/guide.ts';
import { ACCOUNT, customer, PROJECT, startEndpoint } from './endpoint-under-test.ts';

const harmless = [200, 422];
const RUNS = { numRuns: 150 };

/** Names with a meaning in JavaScript or in a request, and random ones. */
const name = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'registered', 'customer_ids', 'toString', ''),
  fc.string(),
);
const { value: json } = fc.letrec<{ value: unknown }>((seal) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, -0, 1e300, 2 ** 60, '', '\0', '\u{d800}', '🎫', 'x'.repeat(300)),
    fc.string({ unit: 'binary' }),
    fc.array(seal('value'), { maxLength: 5 }),
    fc.array(fc.tuple(name, seal('value')), { maxLength: 5 }).map(objectOf),
  ),
}));

/** Builds the object from text: only JSON.parse creates an own property named `__proto__`. */
function objectOf(entries: readonly (readonly [string, unknown])[]): unknown {
  const members = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return JSON.parse(`{${members.join()}}`) as unknown;
}

/** A valid customer with random fields. */
const oddCustomer = fc
  .record({ customer_ids: json, customer: json, text: json, use_by: json, more: json }, { requiredKeys: [] })
  .map((odd) => Object.assign(customer(1), odd));

it('a webhook endpoint answers any JSON', async () => {
  const { send, accepted } = await startEndpoint();
  await fc.assert(
    fc.asyncProperty(fc.oneof(json, oddCustomer, fc.array(oddCustomer, { maxLength: 3 })), async (body) => {
      const before = accepted.length;
      const answer = await send({ body: JSON.stringify(body) });
      expect(answer.status).toBe(200);
      expect(answer.body.results?.length).toBe(Array.isArray(body) ? body.length : undefined);
      for (const request of accepted.slice(before)) {
        expect(Object.values(request.customer.ids).every((id) => typeof id === 'string' && id !== '')).toBe(
          true,
        );
        expect(Object.keys(request.customer.ids).length).toBeGreaterThan(0);
        expect(Object.getPrototypeOf(request.customer.attributes)).toBe(Object.prototype);
      }
    }),
    RUNS,
  );
}, 60_000);

/** The addresses that accept bodies, each with a valid body. */
const endpoints = [
  { path: '/webhooks/bloomreach/loyalty/create', method: 'POST', good: customer(1) },
  { path: `/accounts/${ACCOUNT}/passes`, method: 'POST', good: JSON.parse(renderedCreate('g-1')) as object },
  {
    path: `/accounts/${ACCOUNT}/passes/p-1`,
    method: 'PATCH',
    good: JSON.parse(renderedNotify('x')) as object,
  },
  {
    path: `/track/v2/projects/${PROJECT}/customers/events`,
    method: 'POST',
    good: { customer_ids: { registered: 'e-1' }, event_type: 'passmachine' },
  },
  {
    path: `/track/v2/projects/${PROJECT}/batch`,
    method: 'POST',
    good: { commands: [{ name: 'customers/events', data: { event_type: 'x', customer_ids: { a: 'b' } } }] },
  },
];

it.each(endpoints)(
  '$method $path answers any JSON',
  async ({ path, method, good }) => {
    const { send, accepted } = await startEndpoint();
    const corrupted = fc
      .dictionary(fc.constantFrom(...Object.keys(good), 'metadata', 'more', '0'), json)
      .map((odd) => (Array.isArray(good) ? Object.values(odd) : Object.assign({}, good, odd)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(json, corrupted), async (body) => {
        const answer = await send({ path, method, body: JSON.stringify(body) });
        expect(harmless).toContain(answer.status);
        expect(typeof answer.body.success).toBe('boolean');
        for (const { customer: known } of accepted) expect(Object.keys(known.ids).length).toBeGreaterThan(0);
        accepted.length = 0;
      }),
      RUNS,
    );
    expect((await send({ path, method, body: good })).body.success).toBe(true);
  },
  60_000,
);

it.each(endpoints)(
  '$method $path answers any bytes',
  async ({ path, method }) => {
    const { send } = await startEndpoint();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const answer = await send({ path, method, body: Buffer.from(bytes) });
        expect(harmless).toContain(answer.status);
        expect(typeof answer.body.success).toBe('boolean');
      }),
      RUNS,
    );
  },
  60_000,
);

/** Without dot segments, which clients resolve before they send the request. */
const segment = fc.webSegment().filter((text) => !/^(\.|%2e){1,2}$/i.test(text));
const parts = [
  'bloomreach',
  'loyalty',
  'create',
  'passes',
  'v2',
  'projects',
  'batch',
  '%zz',
  '%2f',
  '*',
  ':x',
];

it('answers any address, method, idempotency key and preference', async () => {
  const { send, ledger } = await startEndpoint();
  ledger.answer = { ok: false, code: 'PM_PASS_GONE', meaning: '' };
  const path = fc
    .tuple(
      fc.constantFrom('/webhooks', '/accounts', '/track'),
      fc.array(fc.oneof(fc.constantFrom(ACCOUNT, PROJECT, '?a', ...parts), segment), {
        maxLength: 6,
      }),
    )
    .map(([endpoint, more]) => [endpoint, ...more].join('/'));
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND');
  const word = fc.stringMatching(/^[ -~]{0,40}$/);
  const body = fc.constantFrom(...endpoints.map(({ good }) => good));
  await fc.assert(
    fc.asyncProperty(path, method, word, body, async (somewhere, how, said, brought) => {
      const headers = { 'idempotency-key': said, 'content-type': said, prefer: `wait=${said}` };
      const answer = await send({ path: somewhere, method: how, body: brought, headers });
      expect(harmless).toContain(answer.status);
      expect(typeof answer.body.success).toBe('boolean');
    }),
    RUNS,
  );
}, 60_000);
