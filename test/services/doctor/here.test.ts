/** What is looked at on this machine: webhooks, operators, disk, addresses. */

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addressFinding } from '../../../src/services/doctor/addresses.ts';
import { diskFinding } from '../../../src/services/doctor/disk.ts';
import { operatorsFinding } from '../../../src/services/doctor/operators.ts';
import { webhookFinding } from '../../../src/services/doctor/webhooks.ts';
import { saveOperators } from '../../../src/config/operators.ts';
import { hashPassword } from '../../../src/kit/password-hash.ts';
import { configOf } from './upstream.ts';

const strong = 'q7Wd0zKp4mXb9tRa';

describe('webhook credentials', () => {
  it.each([
    ['none, and none needed', {}, 'info'],
    ['none, while others are to come', { PUBLIC_URL: 'https://cards.example.com' }, 'warning'],
    ['none, while others can come', { HOST: '0.0.0.0' }, 'warning'],
    ['a strong token', { WEBHOOK_TOKEN: strong }, 'ok'],
    ['a short token', { WEBHOOK_TOKEN: 'hello' }, 'warning'],
    ['a uniform token', { WEBHOOK_TOKEN: 'abababababababababab' }, 'warning'],
    ['a strong pair', { WEBHOOK_USERNAME: 'bloomreach', WEBHOOK_PASSWORD: strong }, 'ok'],
    ['a weak pair', { WEBHOOK_USERNAME: 'bloomreach', WEBHOOK_PASSWORD: 'password' }, 'warning'],
    ['a pair of twins', { WEBHOOK_USERNAME: strong, WEBHOOK_PASSWORD: strong }, 'warning'],
    [
      'a weak one beside a strong one',
      { WEBHOOK_TOKEN: strong, WEBHOOK_USERNAME: 'b', WEBHOOK_PASSWORD: 'x' },
      'warning',
    ],
  ])('are %s', (_what, env: Record<string, string>, level) => {
    const found = webhookFinding(configOf(env));
    expect(found.level).toBe(level);
    expect(JSON.stringify(found)).not.toMatch(/q7Wd|hello|abab/);
  });
});

async function fileIn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'operators.yaml');
}
const levelOf = (file: string) => operatorsFinding(configOf({ OPERATORS_FILE: file })).level;

describe('operators', () => {
  it('are not asked for', () => {
    expect(operatorsFinding(configOf())).toMatchObject({ level: 'info' });
    const oidc = {
      OIDC_ISSUER: 'https://login.example.com',
      OIDC_CLIENT_ID: 'a',
      OIDC_CLIENT_SECRET: 'b',
      OIDC_ROLES: 'ops=operator',
      PUBLIC_URL: 'https://cards.example.com',
    };
    expect(operatorsFinding(configOf(oidc))).toMatchObject({ level: 'ok' });
  });

  it('are not there yet, are nobody, are there, are seen by others, cannot be read', async () => {
    const file = await fileIn();
    expect(levelOf(file)).toBe('warning');
    await saveOperators(file, new Map());
    expect(levelOf(file)).toBe('warning');
    await saveOperators(file, new Map([['Iva', { role: 'admin', password: await hashPassword('x') }]]));
    expect(levelOf(file)).toBe('ok');
    await chmod(file, 0o644);
    expect(operatorsFinding(configOf({ OPERATORS_FILE: file }))).toMatchObject({
      level: 'warning',
      fix: expect.stringContaining(`chmod 600 ${file}`),
    });
    await writeFile(file, 'operators: { Iva: { role: queen } }', { mode: 0o600 });
    await chmod(file, 0o600);
    expect(levelOf(file)).toBe('error');
  });
});

describe('the disk', () => {
  it.each([
    [50, 'error'],
    [500, 'warning'],
    [5000, 'ok'],
  ])('with %d MB free', async (freeMb, level) => {
    expect((await diskFinding('/tmp/not/there/yet', async () => freeMb * 1_000_000)).level).toBe(level);
  });

  it('of this machine is measured, at the nearest folder that is there', async () => {
    expect((await diskFinding('/tmp/not/there/yet')).message).toMatch(/^\d+ MB are free for \/tmp\/not/);
  });

  it.skipIf(process.getuid?.() === 0)('that may not be written to', async () => {
    expect((await diskFinding('/proc/1')).level).toBe('error');
  });
});

describe('addresses', () => {
  it.each([
    ['this machine only', {}, 'ok'],
    ['open without a public address', { HOST: '0.0.0.0' }, 'warning'],
    [
      'open, with an address of this machine',
      { HOST: '0.0.0.0', PUBLIC_URL: 'http://localhost:3000' },
      'warning',
    ],
    ['open and public', { HOST: '0.0.0.0', PUBLIC_URL: 'https://cards.example.com' }, 'ok'],
    ['behind a proxy', { PUBLIC_URL: 'https://cards.example.com' }, 'info'],
    ['not encrypted', { HOST: '0.0.0.0', PUBLIC_URL: 'http://cards.example.com' }, 'warning'],
    ['the same twice', { PUBLIC_URL: 'http://127.0.0.1:3000' }, 'ok'],
    ['another port', { PUBLIC_URL: 'http://[::1]:3001' }, 'info'],
  ])('are %s', (_what, env: Record<string, string>, level) => {
    expect(addressFinding(configOf(env).http).level).toBe(level);
  });
});
