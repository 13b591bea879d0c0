import { describe, expect, it } from 'vitest';
import { checkPassmachine } from '../../../src/services/doctor/passmachine.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { configOf, levels, startUpstream } from './upstream.ts';

type Options = Parameters<typeof startUpstream>[0];

async function check(options: Options = {}, env: Record<string, string> = {}) {
  const { sandbox, config } = await startUpstream(options, env);
  const findings = await checkPassmachine(config.passmachine, { clock: systemClock });
  return { sandbox, findings, levels: levels(findings) };
}

const allOk = { 'passmachine-token': 'ok', 'passmachine-access': 'ok', 'passmachine-clock': 'ok' };

/** Makes a token that expires in this many seconds. */
const jwt = (seconds: number) =>
  `e30.${Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + seconds })).toString('base64url')}.sig`;

describe('the Passmachine check', () => {
  it('finds nothing wrong with a correct setup, reports the lifetime of the token, and makes no card', async () => {
    const { sandbox, findings, levels: found } = await check();
    expect(found).toEqual(allOk);
    expect(findings[0]?.message).toContain('24 h');
    expect(sandbox.witness.entries().map(({ kind, applied }) => [kind, applied])).toEqual([
      ['authenticate', true],
      ['patch', false],
    ]);
    expect(sandbox.passes.size).toBe(0);
    expect(sandbox.witness.maxInFlight('all')).toBe(1);
  });

  it.each<[string, Options, Record<string, string>, object]>([
    [
      'a wrong secret',
      { credentials: {} },
      { PASSMACHINE_SECRET_TOKEN: 'wrong' },
      { 'passmachine-token': 'error' },
    ],
    ['a failing token endpoint', { fault: 'authenticate:500' }, {}, { 'passmachine-token': 'error' }],
    ['a refused token', { refuseTokens: true }, {}, { 'passmachine-access': 'error' }],
    ['a forbidden call', { fault: 'patch:403' }, {}, { 'passmachine-access': 'error' }],
    ['failing calls', { fault: 'patch:503' }, {}, { 'passmachine-access': 'error' }],
    ['a refused patch', { fault: 'patch:422' }, {}, {}],
    ['a short-lived token', {}, { PASSMACHINE_TOKEN_LIFE_SECONDS: '60' }, { 'passmachine-token': 'warning' }],
    ['a clock 60 s ahead', { clockOffsetMs: 60_000 }, {}, { 'passmachine-clock': 'warning' }],
    ['a clock 60 s behind', { clockOffsetMs: -60_000 }, {}, { 'passmachine-clock': 'warning' }],
    ['a clock 20 s ahead', { clockOffsetMs: 20_000 }, {}, {}],
    [
      'a clock an hour ahead',
      { clockOffsetMs: 3_600_000 },
      {},
      { 'passmachine-clock': 'error', 'passmachine-access': 'error' },
    ],
  ])('recognizes %s', async (_case, options, env, differs) => {
    const { findings, levels: found } = await check(options, env);
    const { 'passmachine-access': _unchecked, ...tokenless } = allOk;
    const expected = { ...allOk, ...differs };
    expect(found).toEqual(
      expected['passmachine-token'] === 'error' ? { ...tokenless, ...differs } : expected,
    );
    for (const { level, fix } of findings)
      expect([level, typeof fix]).toEqual([level, level === 'ok' ? 'undefined' : 'string']);
  });

  it.each([
    ['has expired', -60, 'error'],
    ['expires within a day', 7200, 'warning'],
    ['is valid for a week', 7 * 86_400, 'ok'],
  ])('reports a PASSMACHINE_TOKEN that %s', async (_case, seconds, level) => {
    const { levels: found } = await check({}, { PASSMACHINE_TOKEN: jwt(seconds) });
    // The sandbox does not know this token.
    expect(found).toMatchObject({ 'passmachine-token': level, 'passmachine-access': 'error' });
  });

  it('warns about a PASSMACHINE_TOKEN without an expiry date', async () => {
    const { levels: found } = await check({}, { PASSMACHINE_TOKEN: 'opaque-token' });
    expect(found).toMatchObject({ 'passmachine-token': 'warning' });
  });

  it('reports a wrong address', async () => {
    const { passmachine } = configOf({ PASSMACHINE_URL: 'http://127.0.0.1:1' });
    const findings = await checkPassmachine(passmachine, { clock: systemClock });
    expect(levels(findings)).toEqual({ 'passmachine-token': 'error' });
    expect(findings[0]).toMatchObject({
      message: expect.stringMatching(/127\.0\.0\.1:1.*ECONNREFUSED/),
      fix: expect.stringContaining('PASSMACHINE_URL'),
    });
  });
});
