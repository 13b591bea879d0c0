import { describe, expect, it, onTestFinished } from 'vitest';
import { makeKeyProbe } from '../../src/bloomreach/key-probe.ts';
import { makeHttpClient } from '../../src/kit/http/client.ts';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';

async function probeOf(
  options: SandboxOptions = {},
  key: { apiSecret?: string; projectToken?: string } = {},
) {
  const sandbox = await startSandbox(options);
  const http = makeHttpClient({ baseUrl: sandbox.bloomreachUrl, timeoutMs: 2000 });
  onTestFinished(async () => {
    await http.close();
    await sandbox.close();
  });
  const probe = makeKeyProbe({ http, ...sandbox.credentials, ...key });
  const rights = async () => ({
    set: (await probe.maySetProperties()).verdict,
    events: (await probe.mayAddEvents()).verdict,
    export: (await probe.mayExport()).verdict,
  });
  return { sandbox, probe, rights };
}

const all = { set: 'granted', events: 'granted', export: 'granted' };

describe('the rights of an API key', () => {
  it.each([
    [[], all],
    [['set'], { ...all, set: 'lacking' }],
    [['events'], { ...all, events: 'lacking' }],
    [['export'], { ...all, export: 'lacking' }],
  ] as const)('are reported if %j is forbidden', async (forbidden, expected) => {
    const { probe, rights } = await probeOf({ forbidden });
    expect(await probe.accessFailure()).toBeUndefined();
    expect(await rights()).toEqual(expected);
  });

  it('are found without changing or reading anything', async () => {
    const { sandbox, probe, rights } = await probeOf();
    await probe.accessFailure();
    await rights();
    const calls = sandbox.witness.entries();
    expect(calls.map(({ kind }) => kind).toSorted()).toEqual(['batch', 'batch', 'batch', 'export']);
    expect(calls.filter(({ applied }) => applied !== false)).toEqual([]);
    expect(calls.find(({ kind }) => kind === 'export')?.status).toBe(400);
    expect(sandbox.customers.size).toBe(0);
  });

  it.each([{ apiSecret: 'wrong' }, { projectToken: 'wrong' }])('are none with %j', async (key) => {
    const { probe } = await probeOf({}, key);
    expect(await probe.accessFailure()).toMatchObject({ code: 'BR_UNAUTHORIZED' });
  });

  it.each(['bloomreach:500', 'bloomreach:429', 'bloomreach:reset-before'])(
    'stay unclear after %s',
    async (fault) => {
      const parsed = parseFaultRule(fault);
      if (!parsed.ok) throw new Error(parsed.error);
      const { probe, rights } = await probeOf({ faults: [parsed.rule] });
      expect(await rights()).toEqual({ set: 'unclear', events: 'unclear', export: 'unclear' });
      expect(await probe.accessFailure()).toBeDefined();
    },
  );

  it('are missing after a 403', async () => {
    const parsed = parseFaultRule('bloomreach:403');
    if (!parsed.ok) throw new Error(parsed.error);
    const { rights } = await probeOf({ faults: [parsed.rule] });
    expect(await rights()).toEqual({ set: 'lacking', events: 'lacking', export: 'lacking' });
  });
});
