/** Operators end unknown creates by what they find at Passmachine, singly and from a CSV. */

import { describe, expect, it } from 'vitest';
import type { ResolutionReport } from '../../../src/domain/failures/resolution.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeFindProgram } from '../../../src/services/programs/find-program.ts';
import { parseResolutions } from '../../../src/services/failures/resolution-csv.ts';
import { resolveUnknowns } from '../../../src/services/failures/resolve-unknowns.ts';
import { customersWithCards, goodCustomers } from '../../support/customers.ts';
import { startBridge } from '../../support/bridge.ts';
import { eventually } from '../../support/eventually.ts';
import { makeOrder, makeQueued } from '../../support/make.ts';
import { failure } from '../../../src/domain/failures/failure.ts';

const unknown = failure('PM_UNKNOWN_TIMEOUT', 'no answer');

/** Records a campaign of which every create ended unknown, for the customers c-1 to c-{rows}. */
async function open(rows: number, faults: string[] = []) {
  const bridge = await startBridge({ faults });
  const { passbridge, programs } = bridge;
  const { stores } = passbridge;
  const id = 'loyalty-issue-20261130-abcd';
  await stores.campaigns.create(makeOrder(id));
  await stores.campaigns.accept(id, rows, [], Date.now());
  await stores.campaigns.markFed(id, 0);
  for (let row = 1; row <= rows; row += 1) {
    const attributes = { first_name: 'A', last_name: 'B', id: '7', email: `c-${row}@example.com` };
    const customer = { ids: { registered: `c-${row}` }, attributes };
    const job = makeQueued(row, { id: `${id}-${row}`, campaign: id, program: 'loyalty', customer });
    await stores.jobs.settle(job, { state: 'unknown', failure: unknown, attempts: 1, at: 1_763_855_000_000 });
  }
  const findProgram = makeFindProgram({ programs }, stores);
  const resolve = (csv: string, options: { createAgain?: boolean; dryRun?: boolean } = {}) =>
    resolveUnknowns(
      { stores, findProgram },
      parseResolutions(csv),
      { createAgain: false, dryRun: false, ...options },
      { by: 'alice', via: 'command line', reason: 'looked up', now: Date.now() },
    );
  const storedCard = (customer: string) =>
    bridge.sandbox.customers.properties(`registered:${customer}`)?.['passmachine_pass_id'];
  return { ...bridge, stores, id, resolve, storedCard };
}

const refusals = ({ results }: ResolutionReport) =>
  results.map((result) => [result.line, result.ok ? result.outcome : result.refusal]);

describe('a card that exists', () => {
  it('ends the row with its card, written back, in the timeline and the audit', async () => {
    const { stores, id, resolve, find, storedCard } = await open(1);
    const report = await resolve(`job,pass_id\n${id}-1,p-1\n`);
    expect(report).toMatchObject({ done: 1, createdAgain: 0, refused: 0, dryRun: false });
    expect(await find(id)).toMatchObject({ done: 1, unknown: 0 });
    expect(await stores.failures.causes(id)).toEqual([]);
    await eventually(async () => expect(storedCard('c-1')).toBe('p-1'));
    const [timeline] = (await stores.customers?.find('p-1', Date.now())) ?? [];
    expect(timeline?.events.map(({ kind, detail }) => [kind, detail])).toEqual(
      expect.arrayContaining([
        ['done', 'p-1'],
        ['proven', 'by alice'],
      ]),
    );
    const { entries } = await stores.audit.page({ limit: 1 });
    expect(entries).toMatchObject([
      {
        action: 'failures.resolve',
        by: 'alice',
        target: id,
        reason: 'looked up',
        after: { done: 1, jobs: [`${id}-1`] },
      },
    ]);
  });

  it('opens its campaign again until the card is written back', async () => {
    const { stores, id, resolve, storedCard } = await open(1);
    await eventually(async () => {
      await stores.campaigns.close(id, { isOver: true, now: Date.now() });
      expect(await stores.campaigns.openIds()).toEqual([]);
    });
    await stores.redis.hset(makeLedgerKeys(stores.prefix).bloomreachPause, 'until', Date.now() + 600_000);
    await resolve(`job,pass_id\n${id}-1,p-1\n`);
    expect(await stores.campaigns.openIds()).toEqual([id]);
    await stores.bloomreachPauses.resume();
    await eventually(async () => expect(storedCard('c-1')).toBe('p-1'));
  });

  it('is not changed by a second statement', async () => {
    const { id, resolve } = await open(1);
    await resolve(`job,pass_id\n${id}-1,p-1\n`);
    expect(refusals(await resolve(`job,pass_id\n${id}-1,p-2\n`))).toEqual([[2, 'not-unknown']]);
    expect(refusals(await resolve(`customer,pass_id\nc-1,p-2\n`))).toEqual([[2, 'not-unknown']]);
  });

  it('is only checked by a dry run', async () => {
    const { stores, id, resolve, find } = await open(1);
    expect(await resolve(`job,pass_id\n${id}-1,p-1\n`, { dryRun: true })).toMatchObject({
      done: 1,
      dryRun: true,
    });
    expect(await find(id)).toMatchObject({ unknown: 1, done: 0 });
    expect((await stores.audit.page({ limit: 1 })).entries).toEqual([]);
  });
});

/** Returns twenty numbers. */
const numbers = (from: number) => Array.from({ length: 20 }, (_, n) => from + n);

it('resolves 200 creates from a CSV and refuses 20 wrong lines of each kind, each with its reason', async () => {
  const { id, issue, find, resolve, sandbox, storedCard } = await open(200);
  // Cards of other customers, which an earlier campaign made.
  await issue(goodCustomers(20).replaceAll('c-', 'other-'));
  const others = Array.from({ length: 20 }, (_, n) => sandbox.passes.of(`other-${n + 1}`)[0]?.id ?? '');
  const good = Array.from(
    { length: 200 },
    (_, n) => `${n % 2 === 0 ? `${id}-${n + 1},` : `,registered:c-${n + 1}`},p-${n + 1}`,
  );
  const bad: [string, string[]][] = [
    ['malformed', numbers(1).map((n) => `${id}-${n},,p ${n}`)],
    ['malformed', numbers(1).map((n) => `${id}-${n},,9.0071992547${n}E+15`)],
    ['malformed', numbers(1).map((n) => `${id}-${n},,`)],
    ['malformed', numbers(1).map((n) => `,,p-x-${n}`)],
    ['not-unknown', numbers(1).map((n) => `${id}-${n + 1000},,p-a-${n}`)],
    ['not-unknown', numbers(1).map((n) => `,absent-${n},p-b-${n}`)],
    ['other-customer', numbers(1).map((n, at) => `${id}-${n},,${others[at]}`)],
    ['other-customer', numbers(1).map((n) => `${id}-${n},c-${n + 50},p-c-${n}`)],
    ['not-confirmed', numbers(1).map((n) => `${id}-${n},,none`)],
  ];
  for (const [refusal, lines] of bad) {
    const report = await resolve(['job,customer,pass_id', ...lines].join('\n'));
    expect(report.results.map((result) => (result.ok ? result.outcome : result.refusal))).toEqual(
      lines.map(() => refusal),
    );
  }
  expect(await find(id)).toMatchObject({ unknown: 200, done: 0 });

  // Card ids and jobs that are given twice spoil only their own lines.
  const twice = numbers(181).flatMap((n) => [`${id}-${n},,same-${n}`, `,c-${n - 100},same-${n}`]);
  const repeated = await resolve(['job,customer,pass_id', ...twice].join('\n'));
  expect(new Set(repeated.results.map((result) => (result.ok ? 'done' : result.refusal)))).toEqual(
    new Set(['given-twice']),
  );
  const mixed = await resolve(
    ['job;customer;pass_id', ...bad.flatMap(([, lines]) => lines.slice(0, 2)), ...good]
      .join('\n')
      .replaceAll(',', ';'),
  );
  // Jobs 1 and 2 are given several times, so they stay unknown.
  expect([mixed.done, mixed.results.length]).toEqual([198, 218]);
  expect(await find(id)).toMatchObject({ unknown: 2, done: 198 });
  expect(await resolve(`job,pass_id\n${id}-1,p-1\n${id}-2,p-2\n`)).toMatchObject({ done: 2, refused: 0 });
  await eventually(async () => expect(await find(id)).toMatchObject({ done: 200, writtenBack: 200 }));
  expect(storedCard('c-77')).toBe('p-77');
  expect(sandbox.passes.size).toBe(20);
});

describe('a card that Passmachine does not have', () => {
  it('is created again once that is confirmed', async () => {
    const { id, resolve, find, sandbox, storedCard } = await open(2);
    const csv = `job,pass_id\n${id}-1,none\n${id}-2,p-2\n`;
    expect(refusals(await resolve(csv))).toEqual([
      [2, 'not-confirmed'],
      [3, 'done'],
    ]);
    expect(refusals(await resolve(`job,pass_id\n${id}-1,none\n`, { createAgain: true }))).toEqual([
      [2, 'created-again'],
    ]);
    await eventually(async () => expect(await find(id)).toMatchObject({ done: 2, unknown: 0 }));
    await eventually(async () => expect(storedCard('c-1')).toBe(sandbox.passes.of('c-1')[0]?.id));
    expect(sandbox.passes.size).toBe(1);
  });

  it('is not created again while its campaign is stopped', async () => {
    const { id, stores, resolve } = await open(1);
    // Another row, so that the campaign has not finished.
    await stores.campaigns.accept(id, 2, [], Date.now());
    await stores.campaignSwitch.halt(id, 'stopped', { kind: 'operator', at: 1, by: 'x', reason: '' });
    const report = await resolve(`job,pass_id\n${id}-1,none\n`, { createAgain: true });
    expect(refusals(report)).toEqual([[2, 'not-running']]);
  });
});

it('refuses the card that the customer had before', async () => {
  const { run, resolve, failures, sandbox } = await startReissue();
  const { id } = await run('reissue', customersWithCards(new Map([['c-1', 'old-1']])));
  expect(await failures(id)).toMatchObject([{ code: 'PM_UNKNOWN_ERROR' }]);
  expect(refusals(await resolve(`job,pass_id\n${id}-1,old-1\n`))).toEqual([[2, 'earlier-card']]);
  const [made] = sandbox.passes.of('c-1');
  expect(refusals(await resolve(`customer,pass_id\nregistered:c-1,${made?.id}\n`))).toEqual([[2, 'done']]);
});

async function startReissue() {
  const bridge = await startBridge({ faults: ['create:502-after'] });
  const { stores } = bridge.passbridge;
  const findProgram = makeFindProgram({ programs: bridge.programs }, stores);
  const resolve = (csv: string) =>
    resolveUnknowns(
      { stores, findProgram },
      parseResolutions(csv),
      { createAgain: false, dryRun: false },
      { by: 'alice', via: 'command line', reason: '', now: Date.now() },
    );
  return { ...bridge, resolve };
}

describe('the CSV', () => {
  it.each([
    ['a byte order mark and semicolons', '\uFEFFjob;pass_id\nj-1;p-1\n'],
    ['tabs', 'job\tpass_id\nj-1\tp-1\n'],
    ['other columns', 'at,job,pass_id,detail\n2026,j-1,p-1,"a, b"\n'],
    ['blank lines and spaces', 'job, pass_id\n\n j-1 , p-1 \n\n'],
  ])('may have %s', (_, csv) => {
    expect(parseResolutions(csv)).toMatchObject([{ job: 'j-1', passId: 'p-1' }]);
  });

  it.each([
    ['no pass_id', 'job,card\nj-1,p-1\n', 'needs a header with pass_id'],
    ['no job and no customer', 'row,pass_id\n1,p-1\n', 'needs a header with pass_id'],
    ['an unclosed quote', 'job,pass_id\n"j-1,p-1\n', 'is not a valid CSV'],
    ['nothing', '', 'needs a header'],
  ])('is refused with %s', (_, csv, problem) => {
    expect(() => parseResolutions(csv)).toThrow(problem);
  });

  it('counts lines as an editor does, also after a quoted line break', () => {
    const csv = 'job,note,pass_id\nj-1,"a\nb",p-1\nj-2,,p-2\n';
    expect(parseResolutions(csv).map(({ line }) => line)).toEqual([3, 4]);
  });
});
