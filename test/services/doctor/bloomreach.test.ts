import { describe, expect, it } from 'vitest';
import { checkBloomreach } from '../../../src/services/doctor/bloomreach.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { configOf, levels, startUpstream } from './upstream.ts';

type Options = Parameters<typeof startUpstream>[0];

async function check(options: Options = {}, env: Record<string, string> = {}, exports = false) {
  const { sandbox, config } = await startUpstream(options, env);
  const findings = await checkBloomreach(config.bloomreach, { clock: systemClock, exports });
  return { sandbox, findings, levels: levels(findings) };
}

const permissions = {
  'bloomreach-set-properties': 'ok',
  'bloomreach-add-events': 'ok',
  'bloomreach-export': 'ok',
};
const allOk = { 'bloomreach-access': 'ok', ...permissions, 'bloomreach-clock': 'ok' };

describe('the Bloomreach check', () => {
  it('finds nothing wrong with a correct setup, and changes nothing', async () => {
    const { sandbox, levels: found } = await check();
    expect(found).toEqual(allOk);
    expect(sandbox.witness.entries().filter(({ applied }) => applied !== false)).toEqual([]);
    expect(sandbox.customers.size).toBe(0);
  });

  it.each<[string, Options, boolean, object]>([
    ['lacks set properties', { forbidden: ['set'] }, false, { 'bloomreach-set-properties': 'error' }],
    ['lacks add events', { forbidden: ['events'] }, false, { 'bloomreach-add-events': 'warning' }],
    ['lacks export, which no source needs', { forbidden: ['export'] }, false, { 'bloomreach-export': 'ok' }],
    ['lacks export, which a source needs', { forbidden: ['export'] }, true, { 'bloomreach-export': 'error' }],
  ])('names the permission if the key %s', async (_case, options, exports, differs) => {
    const { findings, levels: found } = await check(options, {}, exports);
    expect(found).toEqual({ ...allOk, ...differs });
    const lacking = findings.find(({ fix }) => fix !== undefined);
    expect(lacking?.fix).toMatch(
      /permission (Customer properties > Set|Events > Set|GDPR > Export customer):/,
    );
  });

  it.each([
    ['BLOOMREACH_API_SECRET', /Could not authenticate/],
    ['BLOOMREACH_PROJECT_TOKEN', /Invalid project id/],
  ])('reports one error, not four, for a wrong %s', async (name, answer) => {
    const { findings, levels: found } = await check({}, { [name]: 'wrong' });
    expect(found).toEqual({ 'bloomreach-access': 'error', 'bloomreach-clock': 'ok' });
    expect(findings[0]).toMatchObject({
      message: expect.stringMatching(answer),
      fix: expect.stringContaining(name),
    });
  });

  it.each([
    ['bloomreach:500', 'error'],
    ['bloomreach:404', 'error'],
    ['bloomreach:429', 'warning'],
  ])('reports the fault %s as %s', async (fault, level) => {
    expect((await check({ fault })).levels).toEqual({ 'bloomreach-access': level, 'bloomreach-clock': 'ok' });
  });

  it('warns if the export permission cannot be determined', async () => {
    expect((await check({ fault: 'export:503' })).levels).toEqual({
      ...allOk,
      'bloomreach-export': 'warning',
    });
  });

  it.each([
    [60_000, 'warning'],
    [-600_000, 'error'],
  ])('reports a clock that is %d ms ahead', async (clockOffsetMs, level) => {
    expect((await check({ clockOffsetMs })).levels).toEqual({ ...allOk, 'bloomreach-clock': level });
  });

  it('reports a wrong address', async () => {
    const findings = await checkBloomreach(configOf().bloomreach, { clock: systemClock, exports: false });
    expect(levels(findings)).toEqual({ 'bloomreach-access': 'error' });
    expect(findings[0]?.fix).toContain('BLOOMREACH_URL');
  });
});
