/** Options that make setup fail: missing permissions, a wrong clock, rejected tokens. */

import { UserError } from '../../src/kit/user-error.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startLocalSandbox } from '../../src/services/local-sandbox.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { clientOf, nowSeconds } from './client.ts';

async function start(options: SandboxOptions = {}) {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  return { sandbox, client: clientOf(sandbox) };
}

const command = (name: string) => ({
  name,
  command_id: name,
  data: { customer_ids: { registered: 'c-1' }, properties: { a: 1 }, event_type: 'seen' },
});
const both = { commands: [command('customers'), command('customers/events')] };

describe('a key without a permission', () => {
  test.each([
    ['set', 'customers', ['not authorized to update specified customer properties']],
    ['events', 'customers/events', ['not authorized to add events']],
  ] as const)(
    '%s is refused the command of a batch that needs it, and no other',
    async (permission, name, errors) => {
      const { sandbox, client } = await start({ forbidden: [permission] });
      const { status, json } = await client.track('batch', both);
      expect(status).toBe(200);
      const other = name === 'customers' ? 'customers/events' : 'customers';
      expect(json.results).toContainEqual({ success: false, command_id: name, errors });
      expect(json.results).toContainEqual({ success: true, command_id: other });
      expect((await client.track(name, command(name).data)).status).toBe(403);
      expect((await client.track(other, command(other).data)).status).toBe(200);
      const { events = [], properties } = sandbox.customers.get('registered:c-1') ?? {};
      expect([properties?.size, events.length]).toEqual(permission === 'set' ? [0, 2] : [1, 0]);
    },
  );
});

describe('a wrong clock', () => {
  test.each([3600, -3600])(
    'by %d s sets the Date of the answers, and rejects the current time',
    async (seconds) => {
      const { client } = await start({ clockOffsetMs: seconds * 1000 });
      const { headers } = await client.authenticate(nowSeconds() + 7200);
      const theirs = Date.parse(headers.get('date') ?? '') / 1000;
      expect(Math.abs(theirs - seconds - nowSeconds())).toBeLessThanOrEqual(2);
      expect(await client.track('batch', both)).toMatchObject({ status: 200 });
      const authorization = `Bearer ${(await client.authenticate(nowSeconds() + 7200)).json.token}`;
      const stamped = (at: number) =>
        client.create(undefined, { headers: { authorization, 'x-timestamp': String(at) } });
      expect((await stamped(nowSeconds())).status).toBe(400);
      expect((await stamped(nowSeconds() + seconds)).status).toBe(200);
    },
  );
});

test('refuseTokens issues tokens but rejects them', async () => {
  const { client } = await start({ refuseTokens: true });
  expect((await client.authenticate()).status).toBe(200);
  expect((await client.create()).status).toBe(401);
});

test('unknown permissions are reported', async () => {
  const starting = startLocalSandbox({ port: 0, latencyMs: 0, faults: [], forbidden: ['fly'] });
  await expect(starting).rejects.toThrow(
    new UserError('INVALID_FAULTS', 'unknown permission fly. Use set, events, export'),
  );
});
