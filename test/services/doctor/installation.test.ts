/** The checks of this machine: webhook credentials, operators, disk and addresses. */

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  checkAddresses,
  checkDisk,
  checkOperators,
  checkRepeatedCreates,
  checkWebhookCredentials,
} from '../../../src/services/doctor/installation.ts';
import { saveOperators } from '../../../src/config/operators.ts';
import { hashPassword } from '../../../src/kit/password-hash.ts';
import { configOf } from './upstream.ts';

const strong = 'q7Wd0zKp4mXb9tRa';

describe('the webhook credentials check', () => {
  it.each([
    ['absent credentials on a local server', {}, 'ok'],
    ['absent credentials with a public address', { PUBLIC_URL: 'https://cards.example.com' }, 'warning'],
    ['absent credentials on all addresses', { HOST: '0.0.0.0' }, 'warning'],
    ['a strong token', { WEBHOOK_TOKEN: strong }, 'ok'],
    ['a short token', { WEBHOOK_TOKEN: 'hello' }, 'warning'],
    ['a uniform token', { WEBHOOK_TOKEN: 'abababababababababab' }, 'warning'],
    ['a strong pair', { WEBHOOK_USERNAME: 'bloomreach', WEBHOOK_PASSWORD: strong }, 'ok'],
    ['a weak pair', { WEBHOOK_USERNAME: 'bloomreach', WEBHOOK_PASSWORD: 'password' }, 'warning'],
    ['a password equal to the user name', { WEBHOOK_USERNAME: strong, WEBHOOK_PASSWORD: strong }, 'warning'],
    [
      'a weak pair with a strong token',
      { WEBHOOK_TOKEN: strong, WEBHOOK_USERNAME: 'b', WEBHOOK_PASSWORD: 'x' },
      'warning',
    ],
  ])('judges %s, without showing them', (_case, env: Record<string, string>, level) => {
    const found = checkWebhookCredentials(configOf(env));
    expect(found.level).toBe(level);
    expect(JSON.stringify(found)).not.toMatch(/q7Wd|hello|abab/);
  });
});

describe('the check of repeated creates', () => {
  it('is silent by default', () => {
    expect(checkRepeatedCreates(configOf()).level).toBe('ok');
  });

  it('names what CREATE_ON_UNKNOWN=retry repeats and how many second cards it risks', () => {
    const env = { CREATE_ON_UNKNOWN: 'retry', PASSMACHINE_MAX_IN_FLIGHT: '7' };
    const { level, message } = checkRepeatedCreates(configOf(env));
    expect(level).toBe('warning');
    expect(message).toMatch(/PM_UNKNOWN_TIMEOUT, .*PM_UNKNOWN_CRASH.* second one.* up to 7 creates/);
  });
});

async function fileIn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'operators.yaml');
}
const levelOf = (file: string) => checkOperators(configOf({ OPERATORS_FILE: file })).level;

describe('the operators check', () => {
  it('accepts a local dashboard and single sign-on', () => {
    expect(checkOperators(configOf())).toMatchObject({
      level: 'ok',
      message: expect.stringContaining('one-time access token'),
    });
    const oidc = {
      OIDC_ISSUER: 'https://login.example.com',
      OIDC_CLIENT_ID: 'a',
      OIDC_CLIENT_SECRET: 'b',
      OIDC_ROLES: 'ops=operator',
      PUBLIC_URL: 'https://cards.example.com',
    };
    expect(checkOperators(configOf(oidc))).toMatchObject({ level: 'ok' });
  });

  it('warns that the dashboard is off if others may reach a server without operators', () => {
    for (const env of [
      { HOST: '0.0.0.0' },
      { PUBLIC_URL: 'https://cards.example.com' },
      { TRUST_PROXY: '10.0.0.1' },
    ]) {
      const [setting] = Object.keys(env);
      expect(checkOperators(configOf(env))).toMatchObject({
        level: 'warning',
        message: expect.stringMatching(`\\(${setting}\\): the dashboard is off`),
      });
    }
  });

  it('judges a missing, empty, valid, readable and invalid file', async () => {
    const file = await fileIn();
    expect(levelOf(file)).toBe('warning');
    await saveOperators(file, new Map());
    expect(levelOf(file)).toBe('warning');
    await saveOperators(file, new Map([['Iva', { role: 'admin', password: await hashPassword('x') }]]));
    expect(levelOf(file)).toBe('ok');
    await chmod(file, 0o644);
    expect(checkOperators(configOf({ OPERATORS_FILE: file }))).toMatchObject({
      level: 'warning',
      fix: expect.stringContaining(`chmod 600 ${file}`),
    });
    await writeFile(file, 'operators: { Iva: { role: queen } }', { mode: 0o600 });
    await chmod(file, 0o600);
    expect(levelOf(file)).toBe('error');
  });
});

describe('the disk check', () => {
  it.each([
    [50, 'error'],
    [500, 'warning'],
    [5000, 'ok'],
  ])('judges %d MB of free space', async (freeMb, level) => {
    expect((await checkDisk('/tmp/not/there/yet', async () => freeMb * 1_000_000)).level).toBe(level);
  });

  it('measures the nearest existing folder', async () => {
    expect((await checkDisk('/tmp/not/there/yet')).message).toMatch(/^\d+ MB free for \/tmp\/not/);
  });

  it.skipIf(process.getuid?.() === 0)('reports a folder that is not writable', async () => {
    expect((await checkDisk('/proc/1')).level).toBe('error');
  });
});

describe('the addresses check', () => {
  it.each([
    ['a local server', {}, 'ok'],
    ['all addresses without PUBLIC_URL', { HOST: '0.0.0.0' }, 'warning'],
    [
      'all addresses with a local PUBLIC_URL',
      { HOST: '0.0.0.0', PUBLIC_URL: 'http://localhost:3000' },
      'warning',
    ],
    [
      'all addresses with a public PUBLIC_URL',
      { HOST: '0.0.0.0', PUBLIC_URL: 'https://cards.example.com' },
      'ok',
    ],
    ['a proxy', { PUBLIC_URL: 'https://cards.example.com' }, 'ok'],
    ['an unencrypted PUBLIC_URL', { HOST: '0.0.0.0', PUBLIC_URL: 'http://cards.example.com' }, 'warning'],
    ['the same address twice', { PUBLIC_URL: 'http://127.0.0.1:3000' }, 'ok'],
    ['another port', { PUBLIC_URL: 'http://[::1]:3001' }, 'ok'],
  ])('judges %s', (_case, env: Record<string, string>, level) => {
    expect(checkAddresses(configOf(env).http).level).toBe(level);
  });
});
