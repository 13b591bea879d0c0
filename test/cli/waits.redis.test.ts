/** A command that cannot continue says why and what to do, in a terminal as in cron. */

import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { freePort } from '../support/free-port.ts';
import { startTlsServer } from '../support/tls-server.ts';

interface StatusJson {
  waits: { cause: string; text: string; campaign?: string }[];
}

async function open() {
  const workspace = await makeWorkspace();
  await workspace.write('export.csv', goodCustomers(3));
  const status = async () => JSON.parse((await workspace.run(['status', '--json'])).stdout) as StatusJson;
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
  const { run, write, folder } = await open();
  const programs = await readFile(resolve('examples/programs.yaml'), 'utf8');
  await mkdir(join(folder, 'exports'));
  await write('exports/gold.csv', goodCustomers(2));
  await write(
    'programs.yaml',
    `${programs}\nsources:\n  gold: { folder: exports, file: 'gold*.csv', settle: 2 }\n`,
  );
  const env = { PROGRAMS_FILE: './programs.yaml' };
  expect(await run(['issue', 'loyalty', '@gold', '--yes'], env)).toMatchObject({
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

it('a Redis that cannot be reached ends a command within seconds, with the remedy', async () => {
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
