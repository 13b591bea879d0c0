/** Changing the programs file while passbridge runs. */

import { describe, expect, it } from 'vitest';
import { goodCustomers } from '../support/customers.ts';
import { makeWorkspace, printed, type Running } from '../support/cli.ts';
import { printedDashboard } from '../support/dashboard.ts';

const program = (greeting: string) => `programs:
  loyalty:
    card: loyalty
    templateId: t
    create:
      templateVariables: { greeting: '${greeting} {{ customer.first_name }}' }
      metadata: { registered: '{{ customer_ids.registered }}' }
`;

const settings = {
  PROGRAMS_FILE: 'programs.yaml',
  LOG_LEVEL: 'info',
  WEBHOOK_TOKEN: 'a-token-of-thirty-two-characters!',
};

async function openUp(options: Parameters<typeof makeWorkspace>[0] = {}) {
  const workspace = await makeWorkspace(options);
  await workspace.write('programs.yaml', program('Hello'));
  const up = workspace.start(['up'], settings);
  const [, url = ''] = await printed(up, /passbridge is up at (\S+)/);
  const run = (...args: string[]) => workspace.run(args, settings);
  const { bearer } = await printedDashboard(up);
  return { ...workspace, up, url, bearer, run };
}

/** Changes the file and waits until the log has the event. */
async function change(
  workspace: { write: (name: string, text: string) => Promise<void>; up: Running },
  text: string,
  event = 'programs.reloaded',
): Promise<void> {
  const before = countOf(workspace.up, event);
  await workspace.write('programs.yaml', text);
  await expect.poll(() => countOf(workspace.up, event)).toBe(before + 1);
}

function countOf(up: Running, event: string): number {
  return up.stderr().split(`"event":"${event}"`).length - 1;
}

describe('a programs file that is changed', () => {
  it('applies to new campaigns and webhooks, but not to a running campaign', async () => {
    const workspace = await openUp({ latencyMs: 200 });
    const { sandbox, run, write, url } = workspace;
    const greetings = () =>
      new Set([...sandbox.passes.all()].map(({ body }) => /"greeting":"(\w+)/.exec(body)?.[1]));
    await write('export.csv', goodCustomers(400));
    const { stdout } = await run('issue', 'loyalty', 'export.csv', '--detach');
    const [, id = ''] = /^(\S+): started/m.exec(stdout) ?? [];
    await expect.poll(() => sandbox.passes.size).toBeGreaterThan(10);
    await change(workspace, program('Ahoj'));
    const seen = sandbox.passes.size;
    expect(seen).toBeLessThan(350);
    await expect.poll(() => sandbox.passes.size, { timeout: 60_000 }).toBe(400);
    expect(greetings()).toEqual(new Set(['Hello']));

    const answer = await fetch(`${url}/webhooks/bloomreach/loyalty/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${settings.WEBHOOK_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ customer_ids: { registered: 'w-1' }, customer: { first_name: 'Iva' } }),
    });
    expect(answer.status).toBe(200);
    await expect.poll(() => sandbox.passes.of('w-1')[0]?.body).toContain('Ahoj Iva');
    await write('more.csv', 'registered,first_name\nm-1,Ota\n');
    expect((await run('issue', 'loyalty', 'more.csv')).code).toBe(0);
    expect(sandbox.passes.of('m-1')[0]?.body).toContain('Ahoj Ota');
    expect((await run('status', id)).stdout).toContain('finished');
  });

  it('applies to a campaign that is resumed with --latest-program', async () => {
    const workspace = await openUp({ latencyMs: 200 });
    const { sandbox, run, write } = workspace;
    await write('export.csv', goodCustomers(400));
    const { stdout } = await run('issue', 'loyalty', 'export.csv', '--detach');
    const [, id = ''] = /^(\S+): started/m.exec(stdout) ?? [];
    await expect.poll(() => sandbox.passes.size).toBeGreaterThan(10);
    await run('pause', id);
    await change(workspace, program('Ahoj'));
    const before = sandbox.passes.size;
    expect((await run('resume', id, '--latest-program', '--detach')).code).toBe(0);
    await expect.poll(() => sandbox.passes.size, { timeout: 60_000 }).toBe(400);
    const made = [...sandbox.passes.all()].map(({ body }) => body.includes('Ahoj'));
    expect(made.filter(Boolean)).toHaveLength(400 - before);
    expect(made.lastIndexOf(false)).toBe(before - 1);
  });

  it('applies to retried jobs', async () => {
    const workspace = await openUp({
      faults: [{ target: 'create', fault: 422, match: '^c-[1-3]$', times: 3 }],
    });
    const { sandbox, run, write } = workspace;
    await write('export.csv', goodCustomers(5));
    expect((await run('issue', 'loyalty', 'export.csv')).stdout).toMatch(/rejected +3/);
    await change(workspace, program('Ahoj'));
    expect((await run('retry')).code).toBe(0);
    const of = (n: number) => sandbox.passes.of(`c-${n}`)[0]?.body;
    for (const n of [1, 2, 3]) expect(of(n)).toContain('Ahoj');
    for (const n of [4, 5]) expect(of(n)).toContain('Hello');
  });

  it('is ignored while it is invalid, and raises an alert', async () => {
    const workspace = await openUp();
    const { sandbox, run, write, url, bearer } = workspace;
    await change(workspace, program('Ahoj').replace('card: loyalty', 'card: loyality'), 'programs.invalid');
    const alerts = async () =>
      (
        (await (await fetch(`${url}/api/overview`, { headers: bearer })).json()) as {
          alerts: { code: string; text: string }[];
        }
      ).alerts;
    await expect.poll(alerts).toMatchObject([
      {
        code: 'PROGRAMS_FILE_INVALID',
        text: expect.stringMatching(/programs.yaml:3: .*did you mean loyalty/),
      },
    ]);
    const body = { customer_ids: { registered: 'w-1' }, customer: { first_name: 'Iva' } };
    await fetch(`${url}/webhooks/bloomreach/loyalty/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${settings.WEBHOOK_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await expect.poll(() => sandbox.passes.of('w-1')[0]?.body).toContain('Hello Iva');
    await write('export.csv', goodCustomers(1));
    expect((await run('issue', 'loyalty', 'export.csv')).code).toBe(2);
    await change(workspace, program('Ahoj'));
    await expect.poll(alerts).toEqual([]);
  });
});
