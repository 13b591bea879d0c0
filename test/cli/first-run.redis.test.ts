/** What can go wrong in the first steps of a new user on the command line. */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPrivateRedis } from '../../src/kit/private-redis/private-redis.ts';
import { connectOnce } from '../../src/kit/redis/redis.ts';
import { wholeGuide } from '../programs/preset/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { flagsOf, newUser, outputOf } from '../support/new-user.ts';

describe('the first run', () => {
  it('names missing values if it cannot ask, and writes nothing', async () => {
    const { folder, run } = await newUser();
    const { code, stderr } = await run(['init', '--card', 'gift']);
    expect(code).toBe(2);
    for (const name of ['--template-id', '--bloomreach-api-secret', 'PASSMACHINE_SECRET_TOKEN'])
      expect(stderr).toContain(name);
    await expect(stat(join(folder, '.env'))).rejects.toThrow('ENOENT');
  });

  it('takes secrets from the environment', async () => {
    const { folder, run, settings } = await newUser();
    const { PASSMACHINE_SECRET_TOKEN = '', BLOOMREACH_API_SECRET = '', ...others } = settings;
    expect(await run(flagsOf(others), { PASSMACHINE_SECRET_TOKEN, BLOOMREACH_API_SECRET })).toMatchObject({
      code: 0,
    });
    expect(await readFile(join(folder, '.env'), 'utf8')).toContain(
      `\nBLOOMREACH_API_SECRET=${BLOOMREACH_API_SECRET}\n`,
    );
  });

  it('takes the program from a preset, with the template id that it was given', async () => {
    const { folder, run, settings } = await newUser();
    await writeFile(join(folder, 'guide.txt'), wholeGuide);
    const made = await run([...flagsOf(settings), '--preset', 'guide.txt']);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('from guide.txt') });
    expect(made.stdout).toContain('passbridge issue loyalty export.csv --dry-run');
    const written = () => readFile(join(folder, 'programs.yaml'), 'utf8');
    expect(await written()).toMatch(/fieldValue/);
    expect(await written()).toMatch(/templateId"?: "?t-1\b/);

    // A later import of the same page keeps it.
    const again = await run(['import-preset', 'guide.txt', '--force', '--out', 'programs.yaml']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('is kept:') });
    expect(again.stdout).toMatch(/^Next:\n.*\n +passbridge issue loyalty export\.csv --dry-run/m);
    expect(await written()).toMatch(/templateId"?: "?t-1\b/);
  });

  it.each(['.env', 'programs.yaml'])('does not overwrite an existing %s without --force', async (name) => {
    const { folder, run, settings } = await newUser();
    await writeFile(join(folder, name), '# mine\n');
    expect(await run(flagsOf(settings))).toMatchObject({
      code: 2,
      stderr: `The folder has a problem:\n  - ${name} already exists. Use --force to overwrite it\n`,
    });
    expect(await readFile(join(folder, name), 'utf8')).toBe('# mine\n');
    expect(await run([...flagsOf(settings), '--force'])).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, name), 'utf8')).not.toBe('# mine\n');
    expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
  });
});

describe('a failing first run', () => {
  it.each([
    [
      'a wrong secret',
      { PASSMACHINE_SECRET_TOKEN: 'not-the-one' },
      'passmachine-token',
      'PASSMACHINE_SECRET_TOKEN',
    ],
    ['an unreachable host', { BLOOMREACH_URL: 'http://127.0.0.1:1' }, 'bloomreach-access', 'BLOOMREACH_URL'],
    ['a wrong key', { BLOOMREACH_API_SECRET: 'not-the-one' }, 'bloomreach-access', 'BLOOMREACH_API_SECRET'],
  ])('reports %s and what to do', async (_case, wrong, check, remedy) => {
    const { run, doctor, settings } = await newUser();
    const first = await run(flagsOf({ ...settings, ...wrong }));
    expect(first.code).toBe(1);
    expect(first.stdout).toMatch(new RegExp(`^✗ ${check} .*\\n +.*${remedy}`, 'm'));
    expect(first.stdout).toContain('fix the items marked ✗');
    expect(outputOf(first)).not.toMatch(/not-the-one/);
    const { code, findings } = await doctor();
    expect(code).toBe(1);
    expect(findings.filter(({ level }) => level === 'error').map((finding) => finding.check)).toEqual([
      check,
    ]);
  });

  it('reports a missing permission and a skewed clock', async () => {
    const { run, settings } = await newUser({ forbidden: ['set'], clockOffsetMs: 60_000 });
    const { code, stdout } = await run(flagsOf(settings));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ bloomreach-set-properties .*\n +.*Customer properties > Set/m);
    expect(stdout).toMatch(/^! passmachine-clock +this machine's clock is (59|60|61) s behind/m);
    expect(stdout).toContain('Errors: 1; warnings: 2.');
  });

  it('reports a Redis that evicts keys', async () => {
    const { folder, run, settings } = await newUser();
    const server = await openPrivateRedis({ dataDir: join(folder, 'other'), env: process.env });
    const redis = await connectOnce({ path: server.path }, 5000);
    onTestFinished(async () => {
      redis.disconnect();
      await server.close();
    });
    const port = await freePort();
    await redis.config('SET', 'port', port);
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const env = { REDIS_URL: `redis://127.0.0.1:${port}` };
    const { code, stdout } = await run(flagsOf(settings), env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ redis-eviction .*allkeys-lru.*\n +.*maxmemory-policy noeviction/m);
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    expect(await run(['doctor'], env)).toMatchObject({ code: 0 });
  });

  it('reports an invalid configuration or programs file instead of findings', async () => {
    const { run, write, settings } = await newUser();
    expect(await run(['doctor', '--json'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /PASSMACHINE_ACCOUNT_ID is missing[^]*This folder has no \.env: run passbridge init/,
      ),
    });
    expect(await run(['doctor'], settings)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Run passbridge init'),
    });
    await write('programs.yaml', 'programs: [');
    expect(await run(['doctor'], settings)).toMatchObject({ code: 2 });
  });
});

describe('a coupon program', () => {
  it('gets a programs file with a schema, and an empty file for voucher codes', async () => {
    const { folder, run, settings } = await newUser();
    const flags = flagsOf(settings).map((flag) => (flag === 'loyalty' ? 'coupon' : flag));
    const first = await run(flags);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('Put your voucher codes into coupon-codes.txt');
    expect(await readFile(join(folder, 'coupon-codes.txt'), 'utf8')).toBe('');
    const text = await readFile(join(folder, 'programs.yaml'), 'utf8');
    const [, schema = ''] = /^# yaml-language-server: \$schema=(.*)$/m.exec(text) ?? [];
    expect((await stat(join(folder, schema))).isFile()).toBe(true);
    expect(text).toContain('card: coupon\n');
  });
});
