/** A process that cannot continue says why and what to do, and continues once it can. */

import { describe, expect, it } from 'vitest';
import { makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/redis-servers.ts';

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

describe('a secret that Passmachine refuses', () => {
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

describe('a Redis that cannot be reached', () => {
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
