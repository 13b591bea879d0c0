/** `passbridge missing`: finds customers whose card is missing or deleted, and issues their cards. */

import iconv from 'iconv-lite';
import { expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';

const customer = (n: number, card = '') => `c-${n},A,B,c-${n}@example.com,${n},${card}`;

it('lists customers whose card is missing or deleted, and issues new cards for them', async () => {
  const { run, write, sandbox } = await makeWorkspace({ latencyMs: 1 });
  const header = 'registered,first_name,last_name,email,id,passmachine_pass_id';
  const cardOf = (n: number) => sandbox.passes.of(`c-${n}`).at(-1)?.id ?? '';
  await write('new.csv', [header, customer(1), customer(2), customer(3)].join('\n'));
  expect((await run(['issue', 'loyalty', 'new.csv'])).code).toBe(0);

  const segment = () =>
    [header, customer(1, cardOf(1)), customer(5, 'deleted-at-passmachine'), customer(4)].join('\n');
  await write('segment.csv', segment());
  // passbridge learns of the deletion from Passmachine's 404.
  await run(['notify', 'loyalty', 'segment.csv', '--text', 'Dnes']);
  const found = await run(['missing', 'loyalty', 'segment.csv', '--csv']);
  expect(found.stdout.trim().split('\n')).toEqual([
    'row,customer,problem,cards',
    '2,registered:c-5,deleted,deleted-at-passmachine',
    '3,registered:c-4,missing,',
  ]);

  const issued = await run(['missing', 'loyalty', 'segment.csv', '--issue']);
  expect(issued.code).toBe(0);
  expect(issued.stdout).toContain('1  have no card');
  expect(issued.stdout).toContain('1  have a card that Passmachine no longer has');
  expect([1, 4, 5].map((n) => sandbox.passes.of(`c-${n}`).length)).toEqual([1, 1, 1]);
});

it('reads the segment in a confirmed encoding, and issues cards with its letters', async () => {
  const { run, write, sandbox } = await makeWorkspace({ latencyMs: 1 });
  const segment = 'registered,first_name,last_name,email,id\nc-1,Žofie,Říhová,z@example.com,1\n';
  await write('segment.csv', iconv.encode(segment, 'windows-1250'));
  const refused = await run(['missing', 'loyalty', 'segment.csv']);
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('set --encoding to windows-1250'),
  });
  const unknown = await run(['missing', 'loyalty', 'segment.csv', '--encoding', 'latin2']);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('--encoding must be one of') });

  const issued = await run(['missing', 'loyalty', 'segment.csv', '--encoding', 'windows-1250', '--issue']);
  expect(issued).toMatchObject({ code: 0, stdout: expect.stringContaining('1  have no card') });
  expect(JSON.stringify(sandbox.passes.of('c-1'))).toContain('Říhová');
});

it('counts the card that passbridge has made, although the export is older', async () => {
  const { run, write, sandbox } = await makeWorkspace({ latencyMs: 1 });
  const header = 'registered,first_name,last_name,email,id,passmachine_pass_id';
  await write('export.csv', [header, ...[1, 2, 3].map((n) => customer(n)), customer(4, 'gone')].join('\n'));
  const missing = async () =>
    JSON.parse((await run(['missing', 'loyalty', 'export.csv', '--json'])).stdout) as unknown;
  expect(await missing()).toMatchObject({ rows: 4, missing: 3, deleted: 0 });
  expect((await run(['issue', 'loyalty', 'export.csv'])).code).toBe(0);
  expect(await missing()).toEqual({ rows: 4, unreadable: 0, missing: 0, deleted: 0, duplicated: 0 });

  // Passmachine no longer has the card of the export; the one that replaces it counts.
  await run(['notify', 'loyalty', 'export.csv', '--text', 'Dnes']);
  expect(await missing()).toMatchObject({ deleted: 1 });
  await write('gone.csv', [header, customer(4, 'gone')].join('\n'));
  expect((await run(['reissue', 'loyalty', 'gone.csv'])).code).toBe(0);
  expect(await missing()).toMatchObject({ missing: 0, deleted: 0 });
  expect(sandbox.passes.of('c-4')).toHaveLength(1);
  // An export that names the card that the ledger knows is no older than it.
  await write('export.csv', [header, customer(1, sandbox.passes.of('c-1').at(-1)?.id)].join('\n'));
  expect(await missing()).toMatchObject({ rows: 1, missing: 0, deleted: 0 });
});
