/** Issuing cards from a CSV to Bloomreach, compared with the calls that the sandbox's witness recorded. */

import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../src/domain/failures/failure.ts';
import { sleep } from '../../src/kit/clock.ts';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startBridge } from '../support/bridge.ts';
import { customersWithCards, goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

function addFault({ faults }: Sandbox, text: string): void {
  const parsed = parseFaultRule(text);
  if (!parsed.ok) throw new Error(parsed.error);
  faults.add(parsed.rule);
}

describe('issuing cards', () => {
  it('issues one card per customer, writes it back, and has at most ten calls in flight', async () => {
    const { sandbox, issue } = await startBridge({ latencyMs: 20 });
    const campaign = await issue(goodCustomers(300));
    expect(campaign).toMatchObject({
      rows: 300,
      done: 300,
      writeBacks: 300,
      writtenBack: 300,
      status: 'finished',
    });
    expect(sandbox.witness.maxInFlight('all')).toBe(10);
    expect(sandbox.witness.doubles()).toEqual([]);
    expect(sandbox.witness.writeBacks.missing()).toEqual([]);
    expect(sandbox.witness.count('batch')).toBeLessThanOrEqual(300 / 5);
    const [pass] = sandbox.passes.of('c-7');
    expect(sandbox.customers.properties('registered:c-7')).toEqual({
      passmachine_pass_id: pass?.id,
      passmachine_pass_link: expect.stringContaining(pass?.id ?? '?'),
      passmachine_pass_gendate: expect.closeTo(Date.now() / 1000, -2),
      passmachine_pass_email: 'c-7@example.com',
    });
  });

  it('delivers names byte for byte', async () => {
    const { sandbox, issue } = await startBridge();
    const name = `"Ž" \\ 'O’Brien' <b> &amp; 😀\nnew line {{ time }} {% x %}`;
    await issue(
      `registered;first_name;last_name;email;id\nc-1;"${name.replaceAll('"', '""')}";X;e@example.com;007\n`,
    );
    const sent = JSON.parse(sandbox.passes.of('c-1')[0]?.history[0] ?? '');
    expect(sent.templateVariables).toMatchObject({ kpFirstName: name, kpCardNumber: '007' });
    expect(sent.templateVariables.changeMessage).toMatch(/^\d\d-\d\d-\d{4} \d\d:\d\d:\d\d$/);
  });

  it('counts each row in exactly one state', async () => {
    const { sandbox, issue, failures } = await startBridge({ faults: ['create:422~c-refused'] });
    const campaign = await issue(
      [
        'registered,first_name,last_name,email,id,passmachine_pass_id',
        'c-1,A,B,a@example.com,1,',
        'c-1,A,B,a@example.com,1,',
        'c-2,A,B,a@example.com,1,has-one',
        ',A,B,a@example.com,1,',
        'c-3,A,B,,1,',
        'c-refused,A,B,a@example.com,1,',
      ].join('\n'),
    );
    expect(campaign).toMatchObject({
      rows: 6,
      done: 1,
      skipped: 2,
      rejected: 3,
      failed: 0,
      unknown: 0,
      pending: 0,
    });
    expect((await failures(campaign.id)).map(({ code }) => code).toSorted()).toEqual([
      'PM_REFUSED',
      'ROW_FIELD_MISSING',
      'ROW_ID_MISSING',
    ]);
    expect(sandbox.passes.size).toBe(1);
  });

  const recoverable: [fault: string, creates: number][] = [
    ['create:503+0.1x2', 1],
    ['create:429+0.2x3', 1],
    ['create:401x1', 1],
    ['authenticate:500x1', 1],
    ['authenticate:429+0.1x1', 1],
  ];
  it.each(recoverable)('recovers from %s', async (fault, creates) => {
    const { sandbox, issue } = await startBridge({ faults: [fault] });
    expect(await issue(goodCustomers(5))).toMatchObject({ done: 5, writtenBack: 5 });
    expect(sandbox.passes.of('c-1')).toHaveLength(creates);
    expect(sandbox.witness.doubles()).toEqual([]);
  });

  const final: [fault: string, state: 'rejected' | 'failed' | 'unknown', code: FailureCode, made: number][] =
    [
      ['create:404', 'rejected', 'PM_TEMPLATE_UNKNOWN', 0],
      ['create:403', 'rejected', 'PM_FORBIDDEN', 0],
      ['create:422', 'rejected', 'PM_REFUSED', 0],
      ['create:503+0.1', 'failed', 'PM_UNAVAILABLE', 0],
      ['create:500', 'unknown', 'PM_UNKNOWN_ERROR', 0],
      ['create:503', 'unknown', 'PM_UNKNOWN_ERROR', 0],
      ['create:500-after', 'unknown', 'PM_UNKNOWN_ERROR', 1],
      ['create:502-after', 'unknown', 'PM_UNKNOWN_ERROR', 1],
      ['create:503-after', 'unknown', 'PM_UNKNOWN_ERROR', 1],
      ['create:html-after', 'unknown', 'PM_UNKNOWN_ERROR', 1],
      ['create:truncated-2xx', 'unknown', 'PM_UNKNOWN_ANSWER', 1],
      ['create:504', 'unknown', 'PM_UNKNOWN_TIMEOUT', 0],
      ['create:hang-after', 'unknown', 'PM_UNKNOWN_TIMEOUT', 1],
      ['create:reset-before', 'unknown', 'PM_UNKNOWN_RESET', 0],
      ['create:reset-after', 'unknown', 'PM_UNKNOWN_RESET', 1],
      ['create:broken-json', 'unknown', 'PM_UNKNOWN_ANSWER', 1],
    ];
  it.each(final)('ends %s as %s with %s', async (fault, state, code, made) => {
    const { sandbox, issue, failures } = await startBridge({
      faults: [`${fault}~c-1`],
      env: { PASSMACHINE_TIMEOUT_MS: '500' },
    });
    const campaign = await issue(goodCustomers(3));
    expect(campaign).toMatchObject({ rows: 3, done: 2, [state]: 1, pending: 0 });
    expect(await failures(campaign.id)).toMatchObject([{ code, count: 1 }]);
    expect(sandbox.passes.of('c-1')).toHaveLength(made);
  });

  it('retries an unknown create if CREATE_ON_UNKNOWN=retry', async () => {
    const { sandbox, issue } = await startBridge({
      faults: ['create:reset-afterx1'],
      env: { CREATE_ON_UNKNOWN: 'retry' },
    });
    expect(await issue(goodCustomers(1))).toMatchObject({ done: 1, unknown: 0 });
    expect(sandbox.passes.of('c-1')).toHaveLength(2);
  });
});

describe('cards that are made and answered with an error', () => {
  it.each(['502-after', 'html-after', 'truncated-2xx'])(
    'are held as unknown and never made twice (%s)',
    async (fault) => {
      const { sandbox, issue } = await startBridge({ latencyMs: 20, faults: [`create:${fault}@5%`] });
      const campaign = await issue(goodCustomers(300));
      const injected = sandbox.faults.list()[0]?.injected ?? 0;
      expect(injected).toBeGreaterThan(3);
      expect(campaign).toMatchObject({ rows: 300, done: 300 - injected, unknown: injected, failed: 0 });
      expect(sandbox.witness.doubles()).toEqual([]);
      expect(sandbox.passes.size).toBe(300);
    },
  );
});

describe('an outage that answers 500', () => {
  const outages = [
    ['of all calls', 'passmachine:500', 10],
    // Each trial, the first and the second 5 s later, adds one.
    ['of creates only, which make the card', 'create:500-after', 10 + 2],
  ] as const;
  it.each(outages)(
    '%s leaves the creates in flight unknown and issues everything else afterwards',
    async (_name, rule, mostUnknown) => {
      const { sandbox, start, find, waitForEnd } = await startBridge({ latencyMs: 20 });
      const id = await start('issue', goodCustomers(600));
      await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(100));
      addFault(sandbox, rule);
      await sleep(6000);
      expect((await find(id)).pending).toBeGreaterThan(200);
      sandbox.faults.clear();
      const campaign = await waitForEnd(id, 60_000);
      const { unknown } = campaign;
      expect(unknown).toBeGreaterThan(0);
      expect(unknown).toBeLessThanOrEqual(mostUnknown);
      expect(campaign).toMatchObject({ done: 600 - unknown, failed: 0, rejected: 0 });
      expect(sandbox.witness.doubles()).toEqual([]);
    },
  );

  it('of creates only does not stop notifications', async () => {
    const { sandbox, issue, start, run, find } = await startBridge({ latencyMs: 20 });
    await issue(goodCustomers(40));
    const cards = new Map([...sandbox.passes.all()].map(({ customer = '', id }) => [customer, id] as const));
    addFault(sandbox, 'create:500');
    const creates = await start('issue', goodCustomers(200));
    await eventually(async () => expect((await find(creates)).unknown).toBeGreaterThan(5));
    const notified = await run('notify', customersWithCards(cards), { options: { text: 'Dnes' } });
    expect(notified).toMatchObject({ rows: 40, done: 40 });
    expect((await find(creates)).pending).toBeGreaterThan(100);
  });
});

describe('an outage of Passmachine', () => {
  it.each(['refuse', 'reset'] as const)(
    '(%s) delays jobs and uses none of their attempts',
    async (manner) => {
      // With the default, calls in flight at the start of the outage would be held as unknown.
      const { sandbox, issue } = await startBridge({ latencyMs: 10, env: { CREATE_ON_UNKNOWN: 'retry' } });
      const running = issue(goodCustomers(150));
      await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(20));
      sandbox.setOutage('passmachine', manner);
      // The outage lasts much longer than the four attempts of a job, which are 0.1 s apart.
      await sleep(3000);
      const callsDuring = sandbox.witness
        .entries()
        .filter(({ side, applied }) => side === 'passmachine' && !applied);
      expect(callsDuring.length).toBeLessThan(40);
      sandbox.setOutage('passmachine', 'off');
      expect(await running).toMatchObject({ done: 150, failed: 0, unknown: 0 });
      expect(sandbox.witness.doubles()).toEqual([]);
    },
  );
});

describe('a token', () => {
  it('that expires during a campaign is renewed once, and fails no job', async () => {
    const { sandbox, issue } = await startBridge({ latencyMs: 20 });
    const running = issue(goodCustomers(200));
    await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(50));
    sandbox.revokeTokens();
    expect(await running).toMatchObject({ done: 200, failed: 0 });
    expect(sandbox.witness.count('authenticate')).toBe(2);
    expect(sandbox.witness.entries().some(({ status }) => status === 401)).toBe(true);
  });

  it('with a shorter life than requested fails no job, and its renewals stay within the in-flight limit', async () => {
    const { sandbox, issue } = await startBridge({ latencyMs: 20, tokenLifeSeconds: 0.5 });
    expect(await issue(goodCustomers(600))).toMatchObject({ done: 600, failed: 0 });
    expect(sandbox.witness.count('authenticate')).toBeGreaterThan(1);
    expect(sandbox.witness.maxInFlight('all')).toBeLessThanOrEqual(10);
  });
});

describe('the write-back', () => {
  it.each([
    'batch:500x2',
    'batch:503x1',
    'batch:429+0.5x1',
    'batch:reset-afterx1',
    'batch:broken-jsonx1',
    'command:refusex1',
  ])('recovers from %s without a second card', async (fault) => {
    const { sandbox, issue } = await startBridge({ faults: [fault] });
    expect(await issue(goodCustomers(20))).toMatchObject({
      done: 20,
      writeBacks: 20,
      writtenBack: 20,
      writeBackFailures: 0,
    });
    expect(sandbox.witness.doubles()).toEqual([]);
    expect(sandbox.passes.size).toBe(20);
    expect(sandbox.witness.writeBacks.missing()).toEqual([]);
  });

  it('that Bloomreach refuses is listed as a failure, and the card stays done', async () => {
    const { issue, failures } = await startBridge({ faults: ['command:refuse~"c-1"'] });
    const campaign = await issue(goodCustomers(3));
    expect(campaign).toMatchObject({ done: 3, writeBacks: 3, writtenBack: 2, writeBackFailures: 1 });
    expect(await failures(campaign.id)).toMatchObject([{ code: 'BR_COMMAND_REFUSED', count: 1 }]);
  });
});
