import { describe, expect, it } from 'vitest';
import { findingsOf, runChecks } from '../../../src/services/doctor/check.ts';
import { secretsOf } from '../../../src/services/doctor/doctor.ts';
import { configOf } from './upstream.ts';

const options = { timeoutMs: 100, secrets: [] };
const passing = (name: string) => ({ name, run: async () => [findingsOf(name).ok('passed')] });
const hanging = () => new Promise<never>(() => {});

describe('runChecks', () => {
  it('turns a check that throws or hangs into a finding, and keeps the order', async () => {
    const thrown = Object.assign(new Error(''), { code: 'ECONNREFUSED' });
    const findings = await runChecks(
      [
        { name: 'slow', run: hanging },
        { name: 'broken', run: () => Promise.reject(thrown) },
        passing('other'),
      ],
      options,
    );
    expect(findings).toEqual([
      expect.objectContaining({ check: 'slow', level: 'error', message: expect.stringContaining('0.1 s') }),
      { check: 'broken', level: 'error', message: 'the check failed: ECONNREFUSED' },
      { check: 'other', level: 'ok', message: 'passed' },
    ]);
  });

  it('runs checks concurrently', async () => {
    let release: (() => void) | undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const waits = { name: 'waits', run: () => released.then(() => [findingsOf('waits').ok('')]) };
    const frees = { name: 'frees', run: async () => (release?.(), []) };
    expect(await runChecks([waits, frees], options)).toMatchObject([{ level: 'ok' }]);
  });

  it('accepts a timeout per check', async () => {
    const [finding] = await runChecks([{ name: 'slow', timeoutMs: 10, run: hanging }], options);
    expect(finding?.message).toContain('0.01 s');
  });

  it('redacts secrets from messages and fixes', async () => {
    const config = configOf({
      REDIS_URL: 'redis://:p%40ss-word@127.0.0.1:1',
      WEBHOOK_TOKEN: 'webhook-token',
      PASSMACHINE_SECRET_TOKEN: 'a/secret',
    });
    const secrets = secretsOf(config);
    const quoted = 'p@ss-word webhook-token a/secret a%2Fsecret public-token key-secret project-token key-id';
    const check = { name: 'echo', run: async () => [findingsOf('echo').error(quoted, `Use ${quoted}`)] };
    const [finding] = await runChecks([check], { timeoutMs: 100, secrets });
    expect(finding).toMatchObject({ message: quoted.replaceAll(/\S+/g, '(hidden)') });
    expect(finding?.fix).not.toMatch(/token|pass|secret|key/);
  });
});
