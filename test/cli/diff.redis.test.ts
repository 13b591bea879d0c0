/** `passbridge diff`: what a changed programs file does to the cards of an export. */

import { expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';

const programs = (variables: string, more = '') => `programs:
  loyalty:
    card: loyalty
    templateId: t
    create:
      templateVariables: { ${variables} }
      metadata: { registered: "{{ customer_ids.registered }}" }
    update:
      - { op: replace, path: /templateVariables/points, value: "{{ customer.points | default('0') }}" }
${more}`;

const name = `name: "{{ customer.first_name }}"`;
const tier = `tier: "{{ customer.tier | default('') }}"`;

const customers = `registered,first_name,tier,points
c-1,Anna,gold,10
c-2,Bob,,20
c-3,Cyril,silver,30
`;

/** The program with a section `notify`. */
const patch = (operations: string) => programs(name, `    notify:\n${operations}`);

async function openFolder(before: string, after: string) {
  const { run, write } = await makeWorkspace();
  await write('old.yaml', before);
  await write('new.yaml', after);
  await write('export.csv', customers);
  return (...args: string[]) => run(['diff', 'old.yaml', 'new.yaml', ...args]);
}

it('finds no difference between two files that make the same cards', async () => {
  const diff = await openFolder(programs(`${name}, ${tier}`), programs(`${tier}, ${name}`));
  expect(await diff('export.csv')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('No card of this export changes.'),
  });
});

it('counts the cards that change and that lose a field, with examples, and ends with 1', async () => {
  const diff = await openFolder(programs(`${name}, ${tier}`), programs(name));
  const { code, stdout } = await diff('export.csv', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    differs: true,
    programs: [
      {
        program: 'loyalty',
        rows: 3,
        unreadable: 0,
        sections: [
          {
            section: 'create',
            changed: 3,
            losesField: 2,
            nowRefused: 0,
            examples: [
              { customer: 'registered:c-1', fields: [{ path: '/templateVariables/tier', from: 'gold' }] },
              { customer: 'registered:c-2', fields: [{ path: '/templateVariables/tier', from: '' }] },
              { customer: 'registered:c-3', fields: [{ path: '/templateVariables/tier', from: 'silver' }] },
            ],
          },
          { section: 'update', changed: 0, examples: [] },
        ],
      },
    ],
  });
  const text = (await diff('export.csv')).stdout;
  expect(text).toContain('A card issued from now on differs for 3 customers.');
  expect(text).toContain('A field is lost or emptied for 2 customers.');
  expect(text).toContain('/templateVariables/tier: "gold" → (none)');
  expect(text).toContain('update: the same for all');
});

it('names the operations of a patch by their paths, wherever they stand', async () => {
  const text = '      - { op: replace, path: /templateVariables/message, value: "{{ text }}" }\n';
  const link = '      - { op: replace, path: /templateVariables/link, value: "https://a.example" }\n';
  const moved = await openFolder(patch(text + link), patch(link + text));
  expect((await moved('export.csv')).code).toBe(0);
  const removed = await openFolder(patch(text + link), patch(text));
  expect((await removed('export.csv')).stdout).toContain(
    '/templateVariables/link: "https://a.example" → (none)',
  );
});

it('counts customers whose cards could not be made any more, and those that now can', async () => {
  const needsTier = `tier: "{% if not customer.tier %}{% abort %}{% endif %}{{ customer.tier }}"`;
  const stricter = await openFolder(programs(name), programs(needsTier));
  expect((await stricter('export.csv')).stdout).toContain('1 customer would be rejected or left out.');
  const laxer = await openFolder(programs(needsTier), programs(name));
  expect((await laxer('export.csv')).stdout).toContain('1 customer would no longer be rejected or left out.');
});

it('lists programs and sections that one file lacks', async () => {
  const one = programs(name);
  const two = `${one}${one.replace('programs:\n', '').replace('loyalty:', 'gold:')}`;
  const added = await openFolder(one, two);
  expect(await added('export.csv')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('gold: a new program'),
  });
  const removed = await openFolder(two, one);
  expect((await removed('export.csv')).stdout).toContain('gold: removed');
  expect((await removed('export.csv', '--program', 'loyalty')).code).toBe(0);

  const notifies = programs(
    name,
    '    notify:\n      - { op: replace, path: /templateVariables/message, value: "{{ text }}" }\n',
  );
  const section = await openFolder(notifies, one);
  expect(await section('export.csv')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('notify: removed'),
  });
});

it('refuses what it cannot compare, with the remedy', async () => {
  const diff = await openFolder(programs(name), programs(name));
  expect(await diff('export.csv', '--program', 'loyalti')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean loyalty?'),
  });
  expect(await diff('missing.csv')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('missing.csv'),
  });
  const broken = await openFolder('programs: {', programs(name));
  expect(await broken('export.csv')).toMatchObject({ code: 2, stderr: expect.stringContaining('old.yaml') });
});
