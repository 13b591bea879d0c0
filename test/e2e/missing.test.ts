/** Who of a segment has no card, or one that is gone, and one command that mends it. */

import { expect, it } from 'vitest';
import { makeDashboardService } from '../support/cli.ts';

const customer = (n: number, card = '') => `c-${n},A,B,c-${n}@example.com,${n},${card}`;

it('finds the customers without a card and those whose card is gone, and makes theirs anew', async () => {
  const { run, write, sandbox } = await makeDashboardService({ latencyMs: 1 });
  const header = 'registered,first_name,last_name,email,id,passmachine_pass_id';
  const cardOf = (n: number) => sandbox.passes.of(`c-${n}`).at(-1)?.id ?? '';
  await write('new.csv', [header, customer(1), customer(2), customer(3)].join('\n'));
  expect((await run(['issue', 'loyalty', 'new.csv'])).code).toBe(0);

  const segment = () =>
    [header, customer(1, cardOf(1)), customer(2, 'deleted-at-passmachine'), customer(4)].join('\n');
  await write('segment.csv', segment());
  // Passmachine's 404 is how passbridge hears of it.
  await run(['notify', 'loyalty', 'segment.csv', '--text', 'Dnes']);
  const found = await run(['missing', 'loyalty', 'segment.csv', '--csv']);
  expect(found.stdout.trim().split('\n')).toEqual([
    'row,customer,lack,cards',
    '2,registered:c-2,gone,deleted-at-passmachine',
    '3,registered:c-4,none,',
  ]);

  const mended = await run(['missing', 'loyalty', 'segment.csv', '--issue']);
  expect(mended.code).toBe(0);
  expect(mended.stdout).toContain('1  have no card');
  expect(mended.stdout).toContain('1  have a card that Passmachine does not know any more');
  expect([1, 2, 4].map((n) => sandbox.passes.of(`c-${n}`).length)).toEqual([1, 2, 1]);
}, 60_000);
