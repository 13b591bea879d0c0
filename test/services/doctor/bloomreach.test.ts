import { describe, expect, it } from 'vitest';
import { lookAtBloomreach } from '../../../src/services/doctor/bloomreach.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { configOf, levels, startUpstream } from './upstream.ts';

type Options = Parameters<typeof startUpstream>[0];

async function look(options: Options = {}, env: Record<string, string> = {}, exports = false) {
  const { sandbox, config } = await startUpstream(options, env);
  const findings = await lookAtBloomreach(config.bloomreach, { clock: systemClock, exports });
  return { sandbox, findings, levels: levels(findings) };
}

const rights = {
  'bloomreach-set-properties': 'ok',
  'bloomreach-add-events': 'ok',
  'bloomreach-export': 'ok',
};
const fine = { 'bloomreach-access': 'ok', ...rights, 'bloomreach-clock': 'ok' };

describe('Bloomreach', () => {
  it('that is as it should be has nothing wrong, and is not changed', async () => {
    const { sandbox, levels: found } = await look();
    expect(found).toEqual(fine);
    expect(sandbox.witness.entries().filter(({ applied }) => applied !== false)).toEqual([]);
    expect(sandbox.customers.size).toBe(0);
  });

  it.each<[string, Options, boolean, object]>([
    ['may not set properties', { forbidden: ['set'] }, false, { 'bloomreach-set-properties': 'error' }],
    ['may not add events', { forbidden: ['events'] }, false, { 'bloomreach-add-events': 'warning' }],
    ['may not export, and need not', { forbidden: ['export'] }, false, { 'bloomreach-export': 'info' }],
    ['may not export, and has to', { forbidden: ['export'] }, true, { 'bloomreach-export': 'error' }],
  ])('has a key that %s', async (_what, options, exports, differs) => {
    const { findings, levels: found } = await look(options, {}, exports);
    expect(found).toEqual({ ...fine, ...differs });
    const lacking = findings.find(({ level }) => level !== 'ok');
    expect(lacking?.fix).toMatch(
      /permission (Customer properties > Set|Events > Set|GDPR > Export customer):/,
    );
  });

  it.each([
    ['BLOOMREACH_API_SECRET', /Could not authenticate/],
    ['BLOOMREACH_PROJECT_TOKEN', /Invalid project id/],
  ])('with a wrong %s is one error, not four', async (name, said) => {
    const { findings, levels: found } = await look({}, { [name]: 'wrong' });
    expect(found).toEqual({ 'bloomreach-access': 'error', 'bloomreach-clock': 'ok' });
    expect(findings[0]).toMatchObject({
      message: expect.stringMatching(said),
      fix: expect.stringContaining(name),
    });
  });

  it.each([
    ['bloomreach:500', 'error'],
    ['bloomreach:404', 'error'],
    ['bloomreach:429', 'warning'],
  ])('answers %s', async (fault, level) => {
    expect((await look({ fault })).levels).toEqual({ 'bloomreach-access': level, 'bloomreach-clock': 'ok' });
  });

  it('whose export alone is in trouble cannot tell of that right', async () => {
    expect((await look({ fault: 'export:503' })).levels).toEqual({ ...fine, 'bloomreach-export': 'warning' });
  });

  it.each([
    [60_000, 'warning'],
    [-600_000, 'error'],
  ])('with a clock %d ms ahead', async (clockOffsetMs, level) => {
    expect((await look({ clockOffsetMs })).levels).toEqual({ ...fine, 'bloomreach-clock': level });
  });

  it('is not where it is said to be', async () => {
    const findings = await lookAtBloomreach(configOf().bloomreach, { clock: systemClock, exports: false });
    expect(levels(findings)).toEqual({ 'bloomreach-access': 'error' });
    expect(findings[0]?.fix).toContain('BLOOMREACH_URL');
  });
});
