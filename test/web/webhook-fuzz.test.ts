/** Whatever is sent to the door, it answers, in JSON, with a status that stops no campaign. */

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { customer, startDoor } from './door-under-test.ts';

const harmless = [200, 422];
const RUNS = { numRuns: 150 };

/** Names that mean something to JavaScript or to the door, and others. */
const name = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'registered', 'customer_ids', 'toString', ''),
  fc.string(),
);
const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, -0, 1e300, 2 ** 60, '', '\0', '\u{d800}', '🎫', 'x'.repeat(300)),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map(objectOf),
  ),
}));

/** Through text, since that is the only way to a property that is really called `__proto__`. */
function objectOf(entries: readonly (readonly [string, unknown])[]): unknown {
  const members = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return JSON.parse(`{${members.join()}}`) as unknown;
}

/** A customer who can be served, but for what is odd about them. */
const oddCustomer = fc
  .record({ customer_ids: json, customer: json, text: json, use_by: json, more: json }, { requiredKeys: [] })
  .map((odd) => Object.assign(customer(1), odd));

it('takes any JSON', async () => {
  const { send, taken } = await startDoor();
  await fc.assert(
    fc.asyncProperty(fc.oneof(json, oddCustomer, fc.array(oddCustomer, { maxLength: 3 })), async (body) => {
      const before = taken.length;
      const answer = await send({ body: JSON.stringify(body) });
      expect(answer.status).toBe(200);
      expect(answer.body.results?.length).toBe(Array.isArray(body) ? body.length : undefined);
      for (const hit of taken.slice(before)) {
        expect(Object.values(hit.customer.ids).every((id) => typeof id === 'string' && id !== '')).toBe(true);
        expect(Object.keys(hit.customer.ids).length).toBeGreaterThan(0);
        expect(Object.getPrototypeOf(hit.customer.attributes)).toBe(Object.prototype);
      }
    }),
    RUNS,
  );
}, 60_000);

it('takes any bytes', async () => {
  const { send } = await startDoor();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const answer = await send({ body: Buffer.from(bytes) });
      expect(harmless).toContain(answer.status);
      expect(typeof answer.body.success).toBe('boolean');
    }),
    RUNS,
  );
}, 60_000);

it('takes any address, method and key', async () => {
  const { send } = await startDoor();
  const path = fc
    .array(
      fc.oneof(
        fc.constantFrom('bloomreach', 'loyalty', 'create', '%zz', '%2f', '?a', '*', ':x'),
        fc.webSegment(),
      ),
      {
        maxLength: 6,
      },
    )
    .map((parts) => ['/webhooks', ...parts].join('/'));
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND');
  const key = fc.stringMatching(/^[ -~]{0,40}$/);
  await fc.assert(
    fc.asyncProperty(path, method, key, async (somewhere, how, called) => {
      const headers = { 'idempotency-key': called, 'content-type': called };
      const answer = await send({ path: somewhere, method: how, body: customer(1), headers });
      expect(harmless).toContain(answer.status);
      expect(typeof answer.body.success).toBe('boolean');
    }),
    RUNS,
  );
}, 60_000);
