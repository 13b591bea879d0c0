import { afterEach, describe, expect, it } from 'vitest';
import { failure, type FailureCode } from '../../src/domain/failures/failure.ts';
import { monotonicClock, systemClock } from '../../src/kit/clock.ts';
import { makeHttpClient } from '../../src/kit/http/client.ts';
import { makePassmachineClient } from '../../src/passmachine/client.ts';
import { makeAuthenticate, makeFixedToken, makeTokenSource } from '../../src/passmachine/token.ts';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';

const TIMEOUT_MS = 300;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function rules(...texts: string[]) {
  return texts.map((text) => {
    const parsed = parseFaultRule(text);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.rule;
  });
}

async function setUp(options: SandboxOptions = {}) {
  const sandbox = await startSandbox(options);
  closers.push(() => sandbox.close());
  return { sandbox, client: makeClient(sandbox) };
}

function makeClient({ passmachineUrl, credentials }: Pick<Sandbox, 'passmachineUrl' | 'credentials'>) {
  const http = makeHttpClient({ baseUrl: passmachineUrl, timeoutMs: TIMEOUT_MS });
  closers.push(() => http.close());
  const tokens = makeTokenSource(makeAuthenticate(http, credentials, 3_600_000, systemClock), monotonicClock);
  return makePassmachineClient({ http, tokens, accountId: credentials.accountId, clock: systemClock });
}

const body = (registered = 'c-1', name = 'Žofie') =>
  JSON.stringify({
    templateId: 't1',
    templateVariables: { kpFirstName: name, fieldValue: 'hello' },
    metadata: { email: 'a@example.com', registered },
  });

const composing = (text: string) => async () => text;

const notify = JSON.stringify([{ op: 'replace', path: '/templateVariables/fieldValue', value: 'sale' }]);

describe('making a card', () => {
  it.each(['data', 'bare'] as const)('reads the answer in the %s envelope', async (envelope) => {
    const { sandbox, client } = await setUp({ envelope });
    const result = await client.create(composing(body()));
    const [pass] = sandbox.passes.of('c-1');
    expect(result).toMatchObject({
      ok: true,
      pass: { passId: pass?.id, answer: { data: { id: pass?.id } } },
    });
    expect(result.ok && result.pass.link).toContain(pass?.id);
  });

  it.each(['json', 'access_token', 'data', 'string', 'text'] as const)(
    'takes a token given as %s',
    async (tokenShape) => {
      const { client } = await setUp({ tokenShape });
      expect(await client.create(composing(body()))).toMatchObject({ ok: true });
    },
  );

  it('sends every character unchanged', async () => {
    const { sandbox, client } = await setUp();
    const name = `"Žofie" \\ 'O’Brien' <b>&amp;\n😀\t{{ x }}`;
    await client.create(composing(body('c-1', name)));
    expect(sandbox.passes.of('c-1')[0]?.history[0]).toBe(body('c-1', name));
  });

  const table: [fault: string, code: FailureCode, applied: number][] = [
    ['create:404', 'PM_TEMPLATE_UNKNOWN', 0],
    ['create:403', 'PM_FORBIDDEN', 0],
    ['create:400', 'PM_REFUSED', 0],
    ['create:422', 'PM_REFUSED', 0],
    ['create:429+2', 'PM_RATE_LIMITED', 0],
    ['create:401', 'PM_UNAUTHORIZED', 0],
    ['create:503+2', 'PM_UNAVAILABLE', 0],
    ['create:500', 'PM_UNKNOWN_ERROR', 0],
    ['create:503', 'PM_UNKNOWN_ERROR', 0],
    ['create:504', 'PM_UNKNOWN_TIMEOUT', 0],
    ['create:500-after', 'PM_UNKNOWN_ERROR', 1],
    ['create:502-after', 'PM_UNKNOWN_ERROR', 1],
    ['create:503-after', 'PM_UNKNOWN_ERROR', 1],
    ['create:html-after', 'PM_UNKNOWN_ERROR', 1],
    ['create:truncated-2xx', 'PM_UNKNOWN_ANSWER', 1],
    ['create:hang-before', 'PM_UNKNOWN_TIMEOUT', 0],
    ['create:hang-after', 'PM_UNKNOWN_TIMEOUT', 1],
    ['create:reset-before', 'PM_UNKNOWN_RESET', 0],
    ['create:reset-after', 'PM_UNKNOWN_RESET', 1],
    ['create:broken-json', 'PM_UNKNOWN_ANSWER', 1],
    ['authenticate:401', 'PM_TOKEN_REJECTED', 0],
    ['authenticate:500', 'PM_TOKEN_UNAVAILABLE', 0],
    ['authenticate:reset-before', 'PM_TOKEN_UNAVAILABLE', 0],
    ['authenticate:hang', 'PM_TOKEN_UNAVAILABLE', 0],
  ];
  it.each(table)('%s is reported as %s', async (fault, code, applied) => {
    const { sandbox, client } = await setUp({ faults: rules(fault) });
    expect(await client.create(composing(body()))).toMatchObject({ ok: false, failure: { code } });
    expect(sandbox.passes.size).toBe(applied);
  });

  it('returns how long a 429 asks to wait', async () => {
    const { client } = await setUp({ faults: rules('create:429+2') });
    expect(await client.create(composing(body()))).toMatchObject({
      failure: { retryAfterMs: 2000, status: 429 },
    });
  });

  it('knows that nothing was sent if the connection is refused', async () => {
    const sandbox = await startSandbox();
    await sandbox.close();
    const http = makeHttpClient({ baseUrl: sandbox.passmachineUrl, timeoutMs: TIMEOUT_MS });
    closers.push(() => http.close());
    const tokens = makeFixedToken('t', failure('PM_TOKEN_REJECTED', ''), systemClock);
    const client = makePassmachineClient({ http, tokens, accountId: 'a', clock: systemClock });
    expect(await client.create(composing(body()))).toMatchObject({
      ok: false,
      failure: { code: 'PM_UNREACHABLE' },
    });
  });
});

describe('changing a card', () => {
  it('applies a JSON Patch', async () => {
    const { sandbox, client } = await setUp();
    const made = await client.create(composing(body()));
    const passId = made.ok ? made.pass.passId : '';
    expect(await client.patch(passId, composing(notify))).toEqual({ ok: true });
    expect(JSON.parse(sandbox.passes.get(passId)?.body ?? '')).toMatchObject({
      templateVariables: { fieldValue: 'sale' },
    });
  });

  it('reports a deleted card', async () => {
    const { client } = await setUp();
    expect(await client.patch('no-such-card', composing(notify))).toMatchObject({
      failure: { code: 'PM_PASS_GONE' },
    });
  });
});

describe('a probe', () => {
  it('fetches a new token, and makes nothing', async () => {
    const { sandbox, client } = await setUp();
    await client.create(composing(body()));
    expect(await client.probe?.()).toEqual({ ok: true });
    expect([sandbox.witness.count('authenticate'), sandbox.passes.size]).toEqual([2, 1]);
  });

  it('fails if Passmachine issues no token', async () => {
    const { client } = await setUp({ faults: rules('authenticate:502') });
    expect(await client.probe?.()).toMatchObject({ failure: { code: 'PM_TOKEN_UNAVAILABLE', status: 502 } });
  });
});

describe('an expired token', () => {
  it('is renewed once for ten calls, none of which fails', async () => {
    const { sandbox, client } = await setUp({ latencyMs: 30 });
    await client.create(composing(body('first')));
    sandbox.revokeTokens();
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) => client.create(composing(body(`c-${n}`)))),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(10);
    expect(sandbox.witness.count('authenticate')).toBe(2);
    expect(sandbox.passes.size).toBe(11);
  });
});
