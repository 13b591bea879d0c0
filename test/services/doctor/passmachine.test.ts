import { describe, expect, it } from 'vitest';
import { lookAtPassmachine } from '../../../src/services/doctor/passmachine.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { configOf, levels, startUpstream } from './upstream.ts';

type Options = Parameters<typeof startUpstream>[0];

async function look(options: Options = {}, env: Record<string, string> = {}) {
  const { sandbox, config } = await startUpstream(options, env);
  const findings = await lookAtPassmachine(config.passmachine, systemClock);
  return { sandbox, findings, levels: levels(findings) };
}

const fine = { 'passmachine-token': 'ok', 'passmachine-access': 'ok', 'passmachine-clock': 'ok' };

/** A token by hand that ends in so many seconds. */
const jwt = (seconds: number) =>
  `e30.${Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + seconds })).toString('base64url')}.sig`;

describe('Passmachine', () => {
  it('that is as it should be has nothing wrong, says how long the token lives, and has no card', async () => {
    const { sandbox, findings, levels: found } = await look();
    expect(found).toEqual(fine);
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
    ['a server in trouble', { fault: 'authenticate:500' }, {}, { 'passmachine-token': 'error' }],
    ['a token that is refused', { refuseTokens: true }, {}, { 'passmachine-access': 'error' }],
    ['a call that is forbidden', { fault: 'patch:403' }, {}, { 'passmachine-access': 'error' }],
    ['calls that fail', { fault: 'patch:503' }, {}, { 'passmachine-access': 'warning' }],
    ['a change that is no good', { fault: 'patch:422' }, {}, {}],
    ['a short life', {}, { PASSMACHINE_TOKEN_LIFE_SECONDS: '60' }, { 'passmachine-token': 'warning' }],
    ['a clock 60 s ahead', { clockOffsetMs: 60_000 }, {}, { 'passmachine-clock': 'warning' }],
    ['a clock 60 s behind', { clockOffsetMs: -60_000 }, {}, { 'passmachine-clock': 'warning' }],
    ['a clock 20 s ahead', { clockOffsetMs: 20_000 }, {}, {}],
    [
      'a clock an hour ahead',
      { clockOffsetMs: 3_600_000 },
      {},
      { 'passmachine-clock': 'error', 'passmachine-access': 'error' },
    ],
  ])('with %s', async (_what, options, env, differs) => {
    const { findings, levels: found } = await look(options, env);
    const { 'passmachine-access': _never, ...tokenless } = fine;
    const expected = { ...fine, ...differs };
    expect(found).toEqual(
      expected['passmachine-token'] === 'error' ? { ...tokenless, ...differs } : expected,
    );
    for (const { level, fix } of findings)
      expect([level, typeof fix]).toEqual([level, level === 'ok' ? 'undefined' : 'string']);
  });

  it.each([
    ['that has ended', -60, 'error'],
    ['that ends within the day', 7200, 'warning'],
    ['that lasts', 7 * 86_400, 'ok'],
  ])('is called with a token by hand %s', async (_what, seconds, level) => {
    const { levels: found } = await look({}, { PASSMACHINE_TOKEN: jwt(seconds) });
    // The sandbox knows no such token.
    expect(found).toMatchObject({ 'passmachine-token': level, 'passmachine-access': 'error' });
  });

  it('is called with a token by hand that tells nothing', async () => {
    const { levels: found } = await look({}, { PASSMACHINE_TOKEN: 'opaque-token' });
    expect(found).toMatchObject({ 'passmachine-token': 'info' });
  });

  it('is not where it is said to be', async () => {
    const { passmachine } = configOf({ PASSMACHINE_URL: 'http://127.0.0.1:1' });
    const findings = await lookAtPassmachine(passmachine, systemClock);
    expect(levels(findings)).toEqual({ 'passmachine-token': 'error' });
    expect(findings[0]).toMatchObject({
      message: expect.stringMatching(/127\.0\.0\.1:1.*ECONNREFUSED/),
      fix: expect.stringContaining('PASSMACHINE_URL'),
    });
  });
});
