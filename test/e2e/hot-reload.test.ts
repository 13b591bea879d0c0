/** A programs file that is changed while passbridge runs. */

import { describe, expect, it } from 'vitest';
import { goodCustomers } from '../support/customers.ts';
import { makeDashboardService, printed, type Running } from '../support/cli.ts';

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

async function openUp(options: Parameters<typeof makeDashboardService>[0] = {}) {
  const service = await makeDashboardService(options);
  await service.write('programs.yaml', program('Hello'));
  const up = service.start(['up'], settings);
  const [, url = ''] = await printed(up, /passbridge is up at (\S+)/);
  const run = (...args: string[]) => service.run(args, settings);
  return { ...service, up, url, run };
}

/** Changes the file and waits until it counts. */
async function change(
  service: { write: (name: string, text: string) => Promise<void>; up: Running },
  text: string,
  event = 'programs.read',
): Promise<void> {
  const before = countOf(service.up, event);
  await service.write('programs.yaml', text);
  await expect.poll(() => countOf(service.up, event), { timeout: 10_000 }).toBe(before + 1);
}

function countOf(up: Running, event: string): number {
  return up.stderr().split(`"event":"${event}"`).length - 1;
}

describe('a programs file that is changed', () => {
  it('counts for new campaigns and webhooks, and not for a campaign that goes on', async () => {
    const service = await openUp({ latencyMs: 200 });
    const { sandbox, run, write, url } = service;
    const greetings = () =>
      new Set([...sandbox.passes.all()].map(({ body }) => /"greeting":"(\w+)/.exec(body)?.[1]));
    await write('export.csv', goodCustomers(400));
    const { stdout } = await run('issue', 'loyalty', 'export.csv', '--detach');
    const [, id = ''] = /^(\S+): started/m.exec(stdout) ?? [];
    await expect.poll(() => sandbox.passes.size).toBeGreaterThan(10);
    await change(service, program('Ahoj'));
    const seen = sandbox.passes.size;
    expect(seen).toBeLessThan(350);
    await expect.poll(() => sandbox.passes.size, { timeout: 40_000 }).toBe(400);
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

  it('counts for a campaign that is resumed by it', async () => {
    const service = await openUp({ latencyMs: 200 });
    const { sandbox, run, write } = service;
    await write('export.csv', goodCustomers(400));
    const { stdout } = await run('issue', 'loyalty', 'export.csv', '--detach');
    const [, id = ''] = /^(\S+): started/m.exec(stdout) ?? [];
    await expect.poll(() => sandbox.passes.size).toBeGreaterThan(10);
    await run('pause', id);
    await change(service, program('Ahoj'));
    const before = sandbox.passes.size;
    expect((await run('resume', id, '--latest-program', '--detach')).code).toBe(0);
    await expect.poll(() => sandbox.passes.size, { timeout: 40_000 }).toBe(400);
    const made = [...sandbox.passes.all()].map(({ body }) => body.includes('Ahoj'));
    expect(made.filter(Boolean)).toHaveLength(400 - before);
    expect(made.lastIndexOf(false)).toBe(before - 1);
  });

  it('counts for what is sent again after it was mended', async () => {
    const service = await openUp({
      faults: [{ target: 'create', fault: 422, match: '^c-[1-3]$', times: 3 }],
    });
    const { sandbox, run, write } = service;
    await write('export.csv', goodCustomers(5));
    expect((await run('issue', 'loyalty', 'export.csv')).stdout).toMatch(/rejected +3/);
    await change(service, program('Ahoj'));
    expect((await run('retry')).code).toBe(0);
    const of = (n: number) => sandbox.passes.of(`c-${n}`)[0]?.body;
    for (const n of [1, 2, 3]) expect(of(n)).toContain('Ahoj');
    for (const n of [4, 5]) expect(of(n)).toContain('Hello');
  });

  it('does not count while it is not valid, and the Now page says so', async () => {
    const service = await openUp();
    const { sandbox, run, write, url } = service;
    await change(service, program('Ahoj').replace('card: loyalty', 'card: loyality'), 'programs.refused');
    const alerts = async () =>
      ((await (await fetch(`${url}/api/now`)).json()) as { alerts: { code: string; text: string }[] }).alerts;
    await expect
      .poll(alerts)
      .toMatchObject([
        { code: 'PROGRAMS_REFUSED', text: expect.stringMatching(/programs.yaml:3: .*did you mean loyalty/) },
      ]);
    const hit = { customer_ids: { registered: 'w-1' }, customer: { first_name: 'Iva' } };
    await fetch(`${url}/webhooks/bloomreach/loyalty/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${settings.WEBHOOK_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(hit),
    });
    await expect.poll(() => sandbox.passes.of('w-1')[0]?.body).toContain('Hello Iva');
    await write('export.csv', goodCustomers(1));
    expect((await run('issue', 'loyalty', 'export.csv')).code).toBe(2);
    await change(service, program('Ahoj'));
    await expect.poll(alerts).toEqual([]);
  });
});
