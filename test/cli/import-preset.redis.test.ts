/** A preset copied from the guide, imported on the command line, and used for a campaign. */

import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { guideChangeMessage, guideCreate, guideNotify, snippetByHand } from '../support/guide.ts';
import { wholeGuide } from '../programs/preset/fixtures.ts';
import { makeWorkspace } from '../support/cli.ts';
import { customersWithCards, goodCustomers } from '../support/customers.ts';

/** The guide's JSON as Bloomreach would send it for the customer, at a time between the two. */
function renderings(body: string, values: Record<string, string>, from: number, to: number): unknown[] {
  const texts = new Set<string>();
  for (let time = from; time <= to; time += 1) {
    let text = body.replace(JSON.stringify(guideChangeMessage).slice(1, -1), () => snippetByHand(time));
    for (const [placeholder, value] of Object.entries(values)) text = text.replaceAll(placeholder, value);
    texts.add(text);
  }
  return [...texts].map((text) => JSON.parse(text) as unknown);
}

const now = () => Math.floor(Date.now() / 1000);

test("the guide's page, imported into an empty folder, issues and notifies what it renders to", async () => {
  const { folder, sandbox, run, write } = await makeWorkspace();
  await write('preset.txt', wholeGuide);
  const out = ['--out', 'programs.yaml'];
  const shown = await run(['import-preset', 'preset.txt', '--dry-run', ...out]);
  expect(shown).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('line 18: kpDiscountCode') as string,
  });
  expect(existsSync(join(folder, 'programs.yaml'))).toBe(false);

  const { code, stdout, stderr } = await run(['import-preset', 'preset.txt', ...out]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('program loyalty with card, create, notify, attributes');
  expect(stdout).toContain('line 7: header X-Timestamp: passbridge sends it automatically');
  expect(stdout).toContain('line 10: limit 10: set PASSMACHINE_MAX_IN_FLIGHT (the default is 10)');
  const written = await readFile(join(folder, 'programs.yaml'), 'utf8');
  expect(written).toBe(shown.stdout);
  const [, schema = ''] = /^# yaml-language-server: \$schema=(.*)\n/.exec(written) ?? [];
  expect(existsSync(join(folder, schema))).toBe(true);

  const env = { PROGRAMS_FILE: 'programs.yaml' };
  await write('export.csv', goodCustomers(3));
  const began = now();
  expect((await run(['issue', 'loyalty', 'export.csv'], env)).code).toBe(0);
  const [card] = sandbox.passes.of('c-2');
  const customer = {
    '{{ customer.first_name }}': 'Žofie 2',
    '{{ customer.last_name }}': 'Nováková',
    '{{ customer.id }}': '000002',
    '{{ customer.email }}': 'c-2@example.com',
    '{{ customer_ids.registered }}': 'c-2',
  };
  const created = JSON.parse(card?.history[0] ?? '') as { metadata: Record<string, unknown> };
  const { passbridge_job: jobId, ...metadata } = created.metadata;
  expect(jobId).toMatch(/^loyalty-issue-/);
  expect(renderings(guideCreate, customer, began, now())).toContainEqual({ ...created, metadata });
  expect(sandbox.customers.properties('registered:c-2')).toEqual({
    passmachine_pass_id: card?.id,
    passmachine_pass_link: expect.stringContaining('://') as string,
    passmachine_pass_gendate: expect.any(Number) as number,
  });

  await write('cards.csv', customersWithCards(new Map([['c-2', card?.id ?? '']])));
  const notified = now();
  const text = 'Sleva "20 %"';
  expect((await run(['notify', 'loyalty', 'cards.csv', '--text', text], env)).code).toBe(0);
  const patch: unknown = JSON.parse(sandbox.passes.get(card?.id ?? '')?.history[1] ?? '');
  const notification = { NOTIFICATION: JSON.stringify(text).slice(1, -1) };
  expect(renderings(guideNotify, notification, notified, now())).toContainEqual(patch);
});

test('a preset comes in by the standard input, into the file that PROGRAMS_FILE names', async () => {
  const { folder, run } = await makeWorkspace();
  const { code, stdout } = await run(
    ['import-preset', '-', '--voucher', 'kpDiscountCode=attribute:code', '--template-id', 't-1'],
    { PROGRAMS_FILE: 'mine.yaml' },
    guideCreate,
  );
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/SALE123|placeholder/);
  const written = readFileSync(join(folder, 'mine.yaml'), 'utf8');
  expect(written).toContain('kpDiscountCode: "{{ customer.code }}"');
  expect(written).toContain('templateId: t-1');
});

test.each([
  ['an empty file', ' \n', [], /preset\.json.*\n.*is empty/],
  ['a large file', Buffer.alloc(10_000_000, 'x'), [], /larger than 64 KB/],
  ['a binary file', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0xff]), [], /not a text file/],
  ['another encoding', Buffer.from([0x7b, 0xe1, 0x7d]), [], /not UTF-8/],
  [
    'an open bracket',
    '{\n  "templateVariables": {\n',
    [],
    /line 2: column 24: the \{ that opens here is not closed/,
  ],
  ['two creates', `${guideCreate}\n${guideCreate}`, [], /line 16: a second create/],
  [
    'a voucher that says nothing',
    guideCreate,
    ['--voucher', 'kpDiscountCode=pool'],
    /kpDiscountCode=attribute:NAME/,
  ],
  ['a kind of card that there is not', guideCreate, ['--card', 'loyality'], /loyality/],
])('%s is named, ends with 2 and writes nothing', async (_what, content, flags, says) => {
  const { folder, run, write } = await makeWorkspace();
  await write('preset.json', content);
  const { code, stderr } = await run(['import-preset', 'preset.json', '--out', 'programs.yaml', ...flags]);
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(says) as string });
  expect(stderr).not.toContain('    at ');
  expect(existsSync(join(folder, 'programs.yaml'))).toBe(false);
});

test('a file that is not there, or a folder, is named', async () => {
  const { run } = await makeWorkspace();
  const gone = await run(['import-preset', 'nowhere.json']);
  expect(gone).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/nowhere\.json.*\n.*does not exist/) as string,
  });
  const folder = await run(['import-preset', '.', '--out', 'x.yaml']);
  expect(folder).toMatchObject({ code: 2, stderr: expect.stringMatching(/is a folder/) as string });
});
