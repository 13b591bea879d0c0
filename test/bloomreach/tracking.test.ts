import { afterEach, describe, expect, it } from 'vitest';
import { makeTrackingClient, type TrackCommand } from '../../src/bloomreach/tracking.ts';
import { makeHttpClient } from '../../src/kit/http/client.ts';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import { startSandbox } from '../../src/sandbox/server.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function setUp({
  fault,
  projectToken,
  apiSecret,
}: { fault?: string; projectToken?: string; apiSecret?: string } = {}) {
  const sandbox = await startSandbox();
  closers.push(() => sandbox.close());
  const rule = fault === undefined ? undefined : parseFaultRule(fault);
  if (rule?.ok === true) sandbox.faults.add(rule.rule);
  const http = makeHttpClient({ baseUrl: sandbox.bloomreachUrl, timeoutMs: 300 });
  closers.push(() => http.close());
  const { credentials } = sandbox;
  const client = makeTrackingClient({
    http,
    projectToken: projectToken ?? credentials.projectToken,
    apiKeyId: credentials.apiKeyId,
    apiSecret: apiSecret ?? credentials.apiSecret,
  });
  return { sandbox, client };
}

function command(id: string, registered = id): TrackCommand {
  const data = {
    customer_ids: { registered },
    properties: { passmachine_pass_id: `p-${id}` },
    update_timestamp: 1,
  };
  return { id, name: 'customers', data };
}

describe('a batch', () => {
  it('reaches the customers', async () => {
    const { sandbox, client } = await setUp();
    expect(await client.send([command('a'), command('b')])).toEqual({ kind: 'answered', refused: new Map() });
    expect(sandbox.customers.properties('registered:b')).toEqual({ passmachine_pass_id: 'p-b' });
  });

  it('names the refused command, whatever its position', async () => {
    const { client } = await setUp({ fault: 'command:refuse~"registered":"b"' });
    const result = await client.send([command('a'), command('b'), command('c')]);
    expect(result.kind === 'answered' && [...result.refused.keys()]).toEqual(['b']);
    expect(result).toMatchObject({
      refused: new Map([['b', expect.objectContaining({ code: 'BR_COMMAND_REFUSED' })]]),
    });
  });

  it('with a malformed command is bisected until only that command is refused', async () => {
    const { sandbox, client } = await setUp();
    // Not an object: Bloomreach refuses the whole batch for it.
    const malformed = { id: 'bad', name: 'customers' as const, data: null };
    const batch = [...Array.from({ length: 20 }, (_, n) => command(`c-${n}`)), malformed];
    const result = await client.send(batch);
    if (result.kind !== 'answered') throw new Error('expected an answer');
    expect([...result.refused.keys()]).toEqual(['bad']);
    expect(sandbox.customers.size).toBe(20);
  });

  it.each([
    ['batch:500', 'BR_UNAVAILABLE'],
    ['batch:503', 'BR_UNAVAILABLE'],
    ['batch:429+3', 'BR_RATE_LIMITED'],
    ['batch:401', 'BR_UNAUTHORIZED'],
    ['batch:404', 'BR_UNREACHABLE'],
    ['batch:hang', 'BR_UNREACHABLE'],
    ['batch:reset-after', 'BR_UNREACHABLE'],
  ])('fails as a whole after %s: %s', async (fault, code) => {
    const { client } = await setUp({ fault });
    expect(await client.send([command('a')])).toMatchObject({ kind: 'failed', failure: { code } });
  });

  it.each([
    ['project token', { projectToken: 'wrong' }],
    ['secret', { apiSecret: 'wrong' }],
  ])('with a wrong %s fails because of the credentials, not of the commands', async (_what, wrong) => {
    const { client } = await setUp(wrong);
    expect(await client.send([command('a'), command('b')])).toMatchObject({
      kind: 'failed',
      failure: { code: 'BR_UNAUTHORIZED', status: 400 },
    });
  });

  it('treats a command missing from the answer as refused', async () => {
    const { client } = await setUp({ fault: 'batch:broken-json' });
    const result = await client.send([command('a')]);
    expect(result.kind === 'answered' && [...result.refused.keys()]).toEqual(['a']);
  });
});
