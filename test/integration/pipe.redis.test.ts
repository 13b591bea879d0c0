/** Issuing cards from a CSV to Bloomreach, compared with the calls that the sandbox's witness recorded. */

import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../src/domain/failures/failure.ts';
import { sleep } from '../../src/kit/clock.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

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
