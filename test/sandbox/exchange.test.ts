import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../src/sandbox/fault-rule.ts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { makeHttpClient } from '../../src/kit/http/client.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { eventually } from '../support/eventually.ts';
import { cardBody, clientOf, setText } from './client.ts';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function start(options: SandboxOptions = {}) {
  sandbox = await startSandbox(options);
  const client = clientOf(sandbox);
  await client.passHeaders();
  return client;
}
const lastCall = () => sandbox.witness.entries().at(-1);
const causeOf = (error: unknown) => (error as { cause?: { code?: string } }).cause?.code;

describe('a fault', () => {
  test.each([
    [401, 401, undefined],
    [404, 404, undefined],
    [422, 422, undefined],
    [500, 500, undefined],
    [503, 503, undefined],
    [{ status: 429, retryAfter: 2 }, 429, '2'],
  ] as const)('%j replaces the answer, and nothing is applied', async (fault, status, retryAfter) => {
    const client = await start({ faults: [{ target: 'create', fault, times: 1 }] });
    const answered = await client.create();
    expect(answered.status).toBe(status);
    expect(answered.headers.get('retry-after')).toBe(retryAfter ?? null);
    expect(answered.json.message).toEqual(expect.any(String));
    expect(sandbox.passes.size).toBe(0);
    expect(lastCall()).toMatchObject({ kind: 'create', customer: 'c-1', applied: false, status });
    expect((await client.create()).status).toBe(200);
  });

  test.each([
    ['reset-before', 0],
    ['reset-after', 1],
  ] as const)('%s breaks the connection with %i card made', async (fault, made) => {
    const client = await start({ faults: [{ target: 'create', fault }] });
    const error = await client.create().catch((reason: unknown) => reason);
    expect(causeOf(error)).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect(sandbox.passes.size).toBe(made);
    await eventually(() =>
      expect(lastCall()).toMatchObject({ fault, applied: made === 1, ms: expect.any(Number) }),
    );
    expect(lastCall()?.status).toBeUndefined();
  });

  test.each([
    ['hang-before', 0],
    ['hang-after', 1],
  ] as const)(
    '%s never answers, with %i card made, and is in flight until the caller hangs up',
    async (fault, made) => {
      const client = await start({ faults: [{ target: 'create', fault, times: 1 }] });
      const caller = new AbortController();
      const hanging = client.create(cardBody(), { signal: caller.signal }).catch((reason: unknown) => reason);
      await eventually(() => expect(lastCall()).toMatchObject({ fault, applied: made === 1, ms: undefined }));
      expect(sandbox.passes.size).toBe(made);

      await client.create(cardBody('c-2'));
      expect(lastCall()).toMatchObject({ inFlight: 2 });
      caller.abort();
      await hanging;
      await eventually(() =>
        expect(sandbox.witness.entries().every(({ ms }) => ms !== undefined)).toBe(true),
      );
      await client.create(cardBody('c-3'));
      expect(lastCall()).toMatchObject({ inFlight: 1 });
    },
  );

  test('broken-json applies the call and answers 200 with half a body', async () => {
    const client = await start({ faults: [{ target: 'create', fault: 'broken-json' }] });
    const { status, text, json } = await client.create();
    expect(status).toBe(200);
    expect(text).toContain(sandbox.passes.all().next().value?.id.slice(0, 8));
    expect(json).toBeUndefined();
  });

  test('truncated-2xx applies the call and answers 200 without the last character', async () => {
    const client = await start({ faults: [{ target: 'create', fault: 'truncated-2xx' }] });
    const { status, text, json } = await client.create();
    const id = sandbox.passes.all().next().value?.id;
    expect({ status, json }).toEqual({ status: 200, json: undefined });
    expect(JSON.parse(`${text}}`)).toMatchObject({ data: { id } });
  });

  test.each([
    ['500-after', 500, /"message"/],
    ['502-after', 502, /"message"/],
    ['503-after', 503, /"message"/],
    ['html-after', 200, /^<!doctype html>/],
  ] as const)('%s makes the card and answers %i without it', async (fault, status, body) => {
    const client = await start({ faults: [{ target: 'create', fault }] });
    const answered = await client.create();
    expect(answered.status).toBe(status);
    expect(answered.headers.get('retry-after')).toBeNull();
    expect(answered.text).toMatch(body);
    const [pass] = sandbox.passes.all();
    expect(answered.text).not.toContain(pass?.id);
    expect(lastCall()).toMatchObject({ fault, applied: true, status, passId: pass?.id });
  });

  test('502-after leaves the answer of a refused call as it is', async () => {
    const client = await start({ faults: [{ target: 'create', fault: '502-after' }] });
    expect((await client.create({ ...cardBody(), templateId: '' })).status).toBe(422);
    expect(sandbox.passes.size).toBe(0);
  });

  test('can affect a single customer permanently', async () => {
    const rule: FaultRule = { target: 'create', fault: 422, match: '@bad\\.example"' };
    const client = await start({ faults: [rule] });
    const bad = { ...cardBody('c-1'), metadata: { email: 'eva@bad.example', registered: 'c-1' } };
    expect((await client.create(bad)).status).toBe(422);
    expect((await client.create(bad)).status).toBe(422);
    expect((await client.create(cardBody('c-2'))).status).toBe(200);
  });

  test('finds the customer of a patched card', async () => {
    const client = await start({ faults: [{ target: 'patch', fault: 404, match: '^c-1$' }] });
    const [gone, fine] = [await client.create(cardBody('c-1')), await client.create(cardBody('c-12'))];
    expect((await client.patch(gone.json.data.id, setText('x'))).status).toBe(404);
    expect((await client.patch(fine.json.data.id, setText('x'))).status).toBe(200);
  });

  test.each([
    ['authenticate', (client: Client) => client.authenticate()],
    ['batch', (client: Client) => client.track('batch', { commands: [] })],
    ['customers', (client: Client) => client.track('customers', {})],
    ['events', (client: Client) => client.track('customers/events', {})],
  ] as const)('can affect %s', async (target, send) => {
    const client = await start({ faults: [{ target, fault: 503 }] }).catch(() => clientOf(sandbox));
    expect((await send(client)).status).toBe(503);
  });
});

type Client = ReturnType<typeof clientOf>;

describe('an outage', () => {
  test('affects one upstream only, and ends', async () => {
    const client = await start();
    sandbox.setOutage('passmachine', 'refuse');
    expect((await client.create()).status).toBe(503);
    expect((await client.authenticate()).status).toBe(503);
    expect((await client.track('batch', {})).status).toBe(400);
    sandbox.setOutage('passmachine', 'off');
    expect((await client.create()).status).toBe(200);
  });

  test('can reset connections', async () => {
    const client = await start();
    sandbox.setOutage('bloomreach', 'reset');
    expect(causeOf(await client.track('batch', {}).catch((reason: unknown) => reason))).toBeDefined();
  });

  test('can hang', async () => {
    const client = await start();
    sandbox.setOutage('bloomreach', 'hang');
    const hanging = client.track('batch', {}).catch((reason: unknown) => reason);
    await eventually(() => expect(lastCall()).toMatchObject({ kind: 'batch', fault: 'hang-before' }));
    await sandbox.close();
    expect(await hanging).toBeInstanceOf(Error);
  });
});

describe('latency', () => {
  /** A caller that stops waiting after 40 ms has stopped long before, also on a busy machine. */
  const LATENCY_MS = 1500;

  test('delays the answer, and the card is made even if the caller does not wait', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sandbox-')), 'witness.jsonl');
    const client = await start({ latencyMs: LATENCY_MS, witnessFile: file });
    const abandoned = client.create(cardBody('c-1'), { signal: AbortSignal.timeout(40) });
    await expect(abandoned).rejects.toThrow(/timeout/);
    expect(sandbox.passes.size).toBe(0);
    await eventually(() => expect(sandbox.passes.size).toBe(1));
    expect(lastCall()?.ms).toBeLessThan(LATENCY_MS);

    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { kind: 'authenticate', applied: true, status: 200 },
      { kind: 'create', customer: 'c-1', applied: true },
    ]);
    rmSync(file);
  });

  test('keeps the calls of all callers in flight, and their average is recorded', async () => {
    const client = await start();
    sandbox.setLatency({ latencyMs: 30, jitterMs: 10 }, 'passmachine');
    const from = sandbox.witness.now();
    const caller = async (name: number) => {
      for (let n = 0; n < 6; n += 1) await client.create(cardBody(`c-${name}-${n}`));
    };
    await Promise.all([1, 2, 3, 4, 5].map(caller));
    expect(sandbox.witness.maxInFlight()).toBe(5);
    const to = sandbox.witness.now();
    const creates = sandbox.witness.entries().filter(({ kind }) => kind === 'create');
    const busy = creates.reduce((sum, { ms = 0 }) => sum + ms, 0);
    expect(sandbox.witness.averageInFlight(from, to)).toBeCloseTo(busy / (to - from), 1);
    expect(sandbox.witness.doubles()).toEqual([]);
    expect(creates.every(({ ms = 0 }) => ms >= 29)).toBe(true);
  });
});

test('an aborted call does not count in flight together with its replacement', async () => {
  const client = await start({ faults: [{ target: 'create', fault: 'hang-before', rate: 0.5 }] });
  const headers = await client.passHeaders();
  const http = makeHttpClient({ baseUrl: sandbox.passmachineUrl, timeoutMs: 10 });
  const caller = async () => {
    // A busy machine aborts many calls before they are sent, so only sent ones are counted.
    for (let n = 0; n < 500 && sandbox.witness.count('create') < 200; n += 1) {
      const path = `/accounts/${sandbox.credentials.accountId}/passes`;
      await http.send({ method: 'POST', path, headers, body: JSON.stringify(cardBody()) });
    }
  };
  await Promise.all(Array.from({ length: 10 }, caller));
  await http.close();
  expect(sandbox.witness.count('create')).toBeGreaterThan(100);
  expect(sandbox.witness.maxInFlight()).toBeLessThanOrEqual(10);
});

test('Passmachine answers 429 with Retry-After over its rate limit and applies nothing', async () => {
  const client = await start({ rateLimit: { perSecond: 3, retryAfterSeconds: 7 } });
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => client.create(cardBody(`c-${index}`))),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(4);
  expect(refused[0]?.headers.get('retry-after')).toBe('7');
  expect(sandbox.passes.size).toBe(8 - refused.length);
  expect((await client.authenticate()).status).toBe(200);
  await eventually(async () => expect((await client.create()).status).toBe(200));
});

test('close frees the port and can be called twice', async () => {
  const client = await start();
  await client.create();
  const port = Number(new URL(sandbox.passmachineUrl).port);
  await sandbox.close();
  await sandbox.close();
  sandbox = await startSandbox({ port });
  await expect(startSandbox({ port })).rejects.toThrow(/EADDRINUSE/);
});
