/** A command or process that cannot go on says why and what to do, in a terminal as in cron. */

import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startServer } from '../support/redis-servers.ts';
import { startTlsServer } from '../support/tls-server.ts';

interface StatusJson {
  campaigns: Record<string, unknown>[];
  waits: { cause: string; text: string; remedy: string; campaign?: string }[];
}

/** The fields of a campaign that scripts rely on. */
const campaignFields =
  'id program action status rows done skipped rejected failed unknown stopped pending'.split(' ');

async function open() {
  const workspace = await makeWorkspace();
  await workspace.write('export.csv', goodCustomers(3));
  const status = async (...args: string[]) =>
    JSON.parse((await workspace.run(['status', '--json', ...args])).stdout) as StatusJson;
  return { ...workspace, status };
}

const hour = (offset: number) =>
  String((new Date().getUTCHours() + offset + 24) % 24)
    .padStart(2, '0')
    .concat(':00');

describe('a secret that Passmachine refuses', () => {
  it('is refused at the start if a # in .env has cut it off', async () => {
    const { run, write, sandbox } = await open();
    await write('.env', 'PASSMACHINE_SECRET_TOKEN=ab#cd\n');
    const { code, stderr } = await run(['issue', 'loyalty', 'export.csv', '--yes'], {
      PASSMACHINE_SECRET_TOKEN: undefined,
    });
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/PASSMACHINE_SECRET_TOKEN ends at the # in line 1 of \.env\. Put .+ in quotes/),
    ]);
    expect(sandbox.witness.entries()).toEqual([]);
  });

  it('is refused at the start if it contains an invisible character, with the position', async () => {
    const { run, sandbox } = await open();
    const { code, stderr } = await run(['issue', 'loyalty', 'export.csv', '--yes'], {
      PASSMACHINE_SECRET_TOKEN: 'abc\u200Bdef',
    });
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/PASSMACHINE_SECRET_TOKEN.+invisible.+position 4/),
    ]);
    expect(sandbox.witness.entries()).toEqual([]);
  });

  it('is named by issue and status, tried again at growing intervals, and costs no row', async () => {
    const { start, run, status, sandbox, env } = await open();
    const wrong = { PASSMACHINE_SECRET_TOKEN: 'not-the-secret' };
    const issue = start(['issue', 'loyalty', 'export.csv', '--yes'], wrong);
    const refused =
      /Waiting: Passmachine refuses the token \(PM_TOKEN_REJECTED: .+401.*\)\. Check PASSMACHINE_/;
    await eventually(() => expect(issue.stderr()).toMatch(refused));
    expect(issue.stderr().match(/Waiting:/g)).toHaveLength(1);
    const waiting = await status();
    expect(waiting).toMatchObject({
      campaigns: [{ status: 'running', rows: 3, pending: 3 }],
      waits: [{ cause: 'token-refused', remedy: expect.stringContaining('PASSMACHINE_ACCOUNT_ID') }],
    });
    expect(Object.keys(waiting.campaigns[0] ?? {})).toEqual(campaignFields);
    const id = String(waiting.campaigns[0]?.['id']);
    expect((await run(['status', id])).stdout).toMatch(refused);
    expect(await status(id)).toMatchObject({ waits: [{ cause: 'token-refused' }] });

    const attempts = () => sandbox.witness.entries().filter(({ kind }) => kind === 'authenticate');
    await eventually(() => expect(attempts().length).toBeGreaterThanOrEqual(4));
    const gaps = attempts()
      .map(({ at }, index, all) => at - (all[index - 1]?.at ?? at))
      .slice(1, 4);
    for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThan(2 ** index * 1000 - 100);

    issue.child.kill('SIGTERM');
    expect(await issue.ended).toMatchObject({ code: 130, stdout: expect.stringMatching(/Nothing is lost/) });
    const { PASSMACHINE_SECRET_TOKEN } = env;
    start(['up', '--role', 'worker'], { PASSMACHINE_SECRET_TOKEN });
    start(['up', '--role', 'feeder']);
    await eventually(async () =>
      expect(await status()).toMatchObject({ campaigns: [{ status: 'finished', done: 3 }], waits: [] }),
    );
  });
});

it('status names quiet hours and a missing worker, and the campaign that waits', async () => {
  const { run, status } = await open();
  const quiet = ['--quiet-hours', `${hour(-2)}-${hour(3)}`, '--time-zone', 'UTC'];
  const { stdout } = await run(['issue', 'loyalty', 'export.csv', '--yes', '--detach', ...quiet]);
  const id = /^(\S+): started/.exec(stdout)?.[1];
  expect((await status()).waits).toMatchObject([
    { cause: 'no-worker' },
    { cause: 'no-feeder' },
    { cause: 'quiet-hours', campaign: id, text: expect.stringMatching(/another [\d.]+ h/) },
  ]);
});

it('says that it waits for a file that may still be growing', async () => {
  const { start, run, write, folder } = await open();
  const programs = await readFile(resolve('examples/programs.yaml'), 'utf8');
  await mkdir(join(folder, 'exports'));
  await write('exports/gold.csv', goodCustomers(2));
  await write(
    'programs.yaml',
    `${programs}\nsources:\n  gold: { folder: exports, file: 'gold*.csv', settle: 2 }\n`,
  );
  const env = { PROGRAMS_FILE: './programs.yaml' };
  const issue = start(['issue', 'loyalty', '@gold', '--yes'], env);
  expect(await issue.ended).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/Waiting: @gold: gold\.csv may still be growing; .+ not changed for 2 s\./),
  });
  expect((await run(['status'], env)).stdout).not.toContain('Waiting');
});

it('saves all results although Bloomreach asks for a pause until the year 2286', async () => {
  const { run, sandbox } = await open();
  sandbox.faults.add({ target: 'batch', fault: { status: 429, retryAfter: 9_999_999_999 }, times: 1 });
  const ended = await run(['issue', 'loyalty', 'export.csv', '--yes'], { RETRY_AFTER_MAX_SECONDS: '12' });
  expect(ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/saved to Bloomreach: 3 of 3/),
    // The rows have ended, and the results have not.
    stderr: expect.stringMatching(/Waiting: Bloomreach does not accept results \(BR_RATE_LIMITED: /),
  });
});

describe('a Redis that cannot be reached', () => {
  it('ends a command within seconds, with the remedy', async () => {
    const { run } = await open();
    const tls = await startTlsServer();
    const [refused, unknown, certificate] = await Promise.all([
      run(['status'], { REDIS_URL: `redis://127.0.0.1:${await freePort()}` }),
      run(['issue', 'loyalty', 'export.csv', '--yes'], { REDIS_URL: 'redis://redis.invalid:6379' }),
      run(['doctor'], { REDIS_URL: `rediss://localhost:${tls.port}` }),
    ]);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/did not answer within 15 s .+ECONNREFUSED.+ Start Redis/),
    });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/host in REDIS_URL is unknown/) });
    expect(certificate.stdout).toMatch(/self.signed[^]+NODE_EXTRA_CA_CERTS/);
  });

  it('keeps a running process waiting, which is not ready and logs it once', async () => {
    const { start } = await open();
    const server = await startServer();
    const web = start(['up', '--role', 'web'], { REDIS_URL: `redis://${server.address}` });
    const [, url = ''] = await printed(web, /up at (\S+)/);
    const ready = async () => (await fetch(`${url}/readyz`)).status;
    const logged = (event: string) => (web.stdout() + web.stderr()).split(`"event":"${event}"`).length - 1;
    expect(await ready()).toBe(200);

    server.freeze();
    await eventually(async () => expect([await ready(), logged('redis.unavailable')]).toEqual([503, 1]));
    server.thaw();
    await eventually(async () => expect([await ready(), logged('redis.available')]).toEqual([200, 1]));
    expect(logged('redis.unavailable')).toBe(1);

    await server.kill();
    await eventually(async () => expect([await ready(), logged('redis.unavailable')]).toEqual([503, 2]));
    expect(web.stdout() + web.stderr()).toMatch(/ECONNREFUSED.+ Start Redis/);
    web.child.kill('SIGTERM');
    expect((await web.ended).code).toBe(0);
  });
});
