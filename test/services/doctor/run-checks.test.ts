import { describe, expect, it } from 'vitest';
import { about } from '../../../src/services/doctor/finding.ts';
import { runChecks } from '../../../src/services/doctor/run-checks.ts';
import { secretsOf } from '../../../src/services/doctor/secrets.ts';
import { configOf } from './upstream.ts';

const options = { limitMs: 100, secrets: [] };
const fine = (name: string) => ({ name, look: async () => [about(name).ok('fine')] });
const never = () => new Promise<never>(() => {});

describe('checks', () => {
  it('that throw, and that never end, are findings among the others, in order', async () => {
    const thrown = Object.assign(new Error(''), { code: 'ECONNREFUSED' });
    const findings = await runChecks(
      [{ name: 'slow', look: never }, { name: 'broken', look: () => Promise.reject(thrown) }, fine('other')],
      options,
    );
    expect(findings).toEqual([
      expect.objectContaining({ check: 'slow', level: 'error', message: expect.stringContaining('0.1 s') }),
      { check: 'broken', level: 'error', message: 'could not be looked at: ECONNREFUSED' },
      { check: 'other', level: 'ok', message: 'fine' },
    ]);
  });

  it('run at the same time', async () => {
    let release: (() => void) | undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const waits = { name: 'waits', look: () => released.then(() => [about('waits').ok('')]) };
    const frees = { name: 'frees', look: async () => (release?.(), []) };
    expect(await runChecks([waits, frees], options)).toMatchObject([{ level: 'ok' }]);
  });

  it('may have a limit of their own', async () => {
    const [finding] = await runChecks([{ name: 'slow', limitMs: 10, look: never }], options);
    expect(finding?.message).toContain('0.01 s');
  });

  it('quote no secret, whoever said it', async () => {
    const config = configOf({
      REDIS_URL: 'redis://:p%40ss-word@127.0.0.1:1',
      WEBHOOK_TOKEN: 'webhook-token',
      PASSMACHINE_SECRET_TOKEN: 'a/secret',
    });
    const secrets = secretsOf(config);
    const said = 'p@ss-word webhook-token a/secret a%2Fsecret public-token key-secret project-token key-id';
    const check = { name: 'echo', look: async () => [about('echo').error(said, `Use ${said}`)] };
    const [finding] = await runChecks([check], { limitMs: 100, secrets });
    expect(finding).toMatchObject({ message: said.replaceAll(/\S+/g, '(hidden)') });
    expect(finding?.fix).not.toMatch(/token|pass|secret|key/);
  });
});
