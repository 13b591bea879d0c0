import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** Makes a client of a server that always answers the same. */
async function answering(status: number, body: string) {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => void server.close());
  const { port } = server.address() as AddressInfo;
  const http = makeHttpClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 10_000 });
  closers.push(() => http.close());
  return makeTrackingClient({ http, projectToken: 'p', apiKeyId: 'k', apiSecret: 's' });
}

function command(id: string, registered = id): TrackCommand {
  const data = {
    customer_ids: { registered },
    properties: { passmachine_pass_id: `p-${id}` },
  };
  return { id, name: 'customers', data, at: 1000 };
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
    const results = [{ success: true, command_id: 'a' }];
    const client = await answering(200, JSON.stringify({ results, success: true }));
    const result = await client.send([command('a'), command('b')]);
    expect(result.kind === 'answered' && [...result.refused.keys()]).toEqual(['b']);
  });

  const PAGE = '<!DOCTYPE html><html><head><title> Sign in </title></head><body></body></html>';
  it.each<[status: number, body: string, code: string, detail: RegExp]>([
    [301, '', 'BR_ANSWER_UNREADABLE', /answered 301 without a body/],
    [302, PAGE, 'BR_ANSWER_UNREADABLE', /answered 302 with a web page: Sign in/],
    [303, '{"success":true}', 'BR_ANSWER_UNREADABLE', /303/],
    [307, '', 'BR_ANSWER_UNREADABLE', /307/],
    [200, PAGE, 'BR_ANSWER_UNREADABLE', /answered 200 with a web page: Sign in/],
    [200, '', 'BR_ANSWER_UNREADABLE', /answered 200 without a body/],
    [200, 'OK', 'BR_ANSWER_UNREADABLE', /answered 200 with a body that is no answer of Bloomreach: OK/],
    [200, '{"results":[{"success":tr', 'BR_ANSWER_UNREADABLE', /results/],
    [200, '{"results":[],"success":true}', 'BR_ANSWER_UNREADABLE', /results/],
    [204, '', 'BR_ANSWER_UNREADABLE', /204/],
    [400, PAGE, 'BR_ANSWER_UNREADABLE', /answered 400 with a web page: Sign in/],
    [400, '', 'BR_ANSWER_UNREADABLE', /400/],
    [403, PAGE, 'BR_ANSWER_UNREADABLE', /403/],
    [405, PAGE, 'BR_ANSWER_UNREADABLE', /405/],
    [406, 'blocked', 'BR_ANSWER_UNREADABLE', /blocked/],
    [418, '{}', 'BR_ANSWER_UNREADABLE', /418/],
    [401, '', 'BR_UNAUTHORIZED', /401/],
    [403, '', 'BR_UNAUTHORIZED', /403/],
    [403, '{"success":false,"errors":["not authorized"]}', 'BR_UNAUTHORIZED', /not authorized/],
    [400, '{"success":false,"error":"Could not authenticate"}', 'BR_UNAUTHORIZED', /authenticate/],
    [502, PAGE, 'BR_UNAVAILABLE', /502 with a web page/],
  ])('fails as a whole after %s with %s: %s', async (status, body, code, detail) => {
    const client = await answering(status, body);
    const result = await client.send([command('a'), command('b')]);
    expect(result).toMatchObject({
      kind: 'failed',
      failure: { code, detail: expect.stringMatching(detail), status },
    });
  });

  it.each([
    [413, PAGE],
    [400, '{"success":false,"message":"Invalid JSON"}'],
    [200, '{"success":false,"errors":["no"]}'],
  ])('is bisected after %s with %s', async (status, body) => {
    const client = await answering(status, body);
    const result = await client.send([command('a'), command('b')]);
    expect(result.kind === 'answered' && [...result.refused.keys()]).toEqual(['a', 'b']);
  });

  it('is not bisected further once the caller stops it', async () => {
    const client = await answering(413, '');
    let calls = 0;
    const result = await client.send([command('a'), command('b'), command('c')], async () => {
      calls += 1;
      return calls < 2;
    });
    expect([result.kind, calls]).toEqual(['stopped', 2]);
  });

  it('fails as a whole if the answer is nested too deep', async () => {
    for (const status of [200, 400]) {
      const client = await answering(status, `{"errors":${'['.repeat(450_000)}${']'.repeat(450_000)}}`);
      const result = await client.send([command('a')]);
      expect(result).toMatchObject({ kind: 'failed', failure: { code: 'BR_ANSWER_UNREADABLE', status } });
    }
  });

  it('has the time of each command as its update_timestamp', async () => {
    const { sandbox, client } = await setUp();
    await client.send([{ ...command('a'), at: 1_796_067_000_123 }]);
    const property = sandbox.customers.get('registered:a')?.properties.get('passmachine_pass_id');
    expect(property?.updatedAt).toBe(1_796_067_000.123);
  });
});
