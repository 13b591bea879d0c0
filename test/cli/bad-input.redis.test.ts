/** Bad input: the message says what is wrong, where, and what to do; the exit code is 2 and nothing is sent. */

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';

const header = 'registered,first_name,last_name,email,id';
const good = 'c-1,A,B,a@example.com,1';
const program = (create: string) =>
  `programs:\n  loyalty:\n    card: loyalty\n    templateId: t1\n    create: ${create}\n`;

interface BadInput {
  what: string;
  csv?: string | Buffer;
  programs?: string | Buffer;
  env?: Record<string, string | undefined>;
  args?: string[];
  says: (string | RegExp)[];
}

const inputs: BadInput[] = [
  {
    what: 'an environment with several problems',
    env: { BLOOMREACH_URL: 'ftp://x', PASSMACHINE_ACCOUNT_ID: undefined, PASSMACHINE_MAX_IN_FLIGHT: 'ten' },
    says: ['3 problems', 'BLOOMREACH_URL', 'PASSMACHINE_ACCOUNT_ID is missing', 'PASSMACHINE_MAX_IN_FLIGHT'],
  },
  {
    what: 'a misspelt variable',
    env: { PASSMACHINE_ACOUNT_ID: 'x' },
    says: ['PASSMACHINE_ACOUNT_ID', 'PASSMACHINE_ACCOUNT_ID'],
  },
  {
    what: 'a retired variable',
    env: { PEOPLE_INDEX: 'off' },
    says: ['unknown setting PEOPLE_INDEX; use CUSTOMER_INDEX'],
  },
  {
    what: 'an unknown program',
    args: ['issue', 'loyalti', 'export.csv'],
    says: ['no program loyalti', 'did you mean loyalty'],
  },
  {
    what: 'an unknown template variable',
    programs: program('{ templateVariables: { a: "{{ custmer.first_name }}" } }'),
    says: ['custmer', 'customer', /line 5|create/],
  },
  {
    what: 'a programs file with a typo',
    programs: program('{ templateVarables: { a: b } }'),
    says: ['templateVarables', 'templateVariables'],
  },
  {
    what: 'a programs file that is not YAML',
    programs: 'programs: [',
    says: [/programs\.yaml:1.*not valid YAML/],
  },
  {
    what: 'a template without quotes',
    programs: program('{ templateVariables: { name: {{ customer.first_name }} } }'),
    says: [/programs\.yaml:5: .*name: \{\{ customer\.first_name \}\} without quotes/, 'Put it in quotes'],
  },
  {
    what: 'a programs file in windows-1250',
    programs: Buffer.from(program('{ templateVariables: { a: "Vern\xFD z\xE1kazn\xEDk" } }'), 'latin1'),
    says: [/programs\.yaml:5: the byte 0xfd is not UTF-8\. It is probably windows-1250: /],
  },
  {
    what: 'a notification without a text',
    args: ['notify', 'loyalty', 'export.csv'],
    says: ['loyalty.notify', '--text'],
  },
  {
    what: 'a text longer than a card shows',
    args: ['notify', 'loyalty', 'export.csv', '--text', 'x'.repeat(251)],
    says: ['251 characters', '250'],
  },
  {
    what: 'an action that the program has no section for',
    programs: program('{ templateVariables: { a: b } }'),
    args: ['notify', 'loyalty', 'export.csv', '--text', 'x'],
    says: ['no loyalty.notify', 'Add the section'],
  },
  {
    what: 'a use-by that has passed',
    args: ['issue', 'loyalty', 'export.csv', '--use-by', '2020-01-01T00:00Z'],
    says: ['2020-01-01', 'has passed'],
  },
  {
    what: 'a use-by that is not a time',
    args: ['issue', 'loyalty', 'export.csv', '--use-by', 'tomorrow'],
    says: ['--use-by', 'must be a time'],
  },
  { what: 'a missing file', args: ['issue', 'loyalty', 'nowhere.csv'], says: ['nowhere.csv'] },
  { what: 'an empty file', csv: '', says: ['export.csv', 'empty'] },
  { what: 'a header without rows', csv: `${header}\n`, says: ['export.csv', 'no rows'] },
  {
    what: 'a ragged row',
    csv: `${header}\n${good}\nc-2,A,B\n`,
    says: ['row 2', 'line 3', '3 cells', '5', '--skip-bad-rows'],
  },
  {
    what: 'another encoding',
    csv: Buffer.concat([
      Buffer.from(`${header}\nc-1,Jana,Nov`),
      Buffer.from([0xe1]),
      Buffer.from('k,a@example.com,1\n'),
    ]),
    says: [
      'export.csv',
      'line 2',
      'not UTF-8',
      'probably windows-1250: Novák',
      'set --encoding to windows-1250',
    ],
  },
  {
    what: 'an unclosed quote',
    csv: `${header}\n${good}\nc-2,"A,B,b@example.com,2\n${good}\n`,
    says: ['line 3', 'quote'],
  },
  {
    what: 'a truncated gzip',
    csv: gzipSync(`${header}\n${good}\n`.repeat(500)).subarray(0, 60),
    says: ['export.csv'],
  },
  { what: 'a column twice', csv: `${header},email\n${good},x\n`, says: ['columns 4 and 6', 'email'] },
  { what: 'no id column', csv: 'register,first_name\nc-1,A\n', says: ['registered', 'register'] },
  {
    what: 'no column with card ids',
    args: ['notify', 'loyalty', 'export.csv', '--text', 'x'],
    says: ['no column for customer.passmachine_pass_id', 'notify', 'Export the segment again'],
  },
  {
    what: 'a column missing that a template needs',
    csv: 'registered,first_name,last_name,id\nc-1,A,B,1\n',
    says: ['no column for customer.email', 'loyalty.create'],
  },
  { what: 'an unknown command', args: ['isue'], says: ['isue', 'issue'] },
  {
    what: 'an unknown option',
    args: ['issue', 'loyalty', 'export.csv', '--dryrun'],
    says: ['--dryrun', '--dry-run'],
  },
  {
    what: 'a retired option',
    args: ['notify', 'loyalty', 'export.csv', '--max-rings', '3'],
    says: ['unknown option --max-rings; did you mean --max-notifications-per-day?'],
  },
];

describe('bad input', () => {
  it.each(inputs)('reports $what, exits with 2 and sends nothing', async (input) => {
    const {
      csv = `${header}\n${good}\n`,
      programs,
      env = {},
      args = ['issue', 'loyalty', 'export.csv'],
      says,
    } = input;
    const { sandbox, run, write } = await makeWorkspace();
    await write('export.csv', csv);
    if (programs !== undefined) await write('programs.yaml', programs);
    const { code, stderr } = await run(args, {
      ...env,
      ...(programs !== undefined && { PROGRAMS_FILE: 'programs.yaml' }),
    });
    expect({ code, stderr }).toMatchObject({ code: 2 });
    for (const text of says) expect(stderr).toMatch(text);
    expect(stderr).not.toContain('    at ');
    expect(sandbox.witness.entries()).toEqual([]);
  });

  it('sends the other rows with --skip-bad-rows', async () => {
    const { sandbox, run, write } = await makeWorkspace();
    await write('export.csv', `${header}\n${good}\nc-2,A,B\n`);
    const { code, stdout } = await run(['issue', 'loyalty', 'export.csv', '--skip-bad-rows']);
    expect(code).toBe(1);
    expect(stdout).toContain('1 × ROW_RAGGED');
    expect(sandbox.passes.size).toBe(1);
  });
});

describe('input that is valid and probably not meant', () => {
  const consent = `{ templateVariables: { a: "{% if not customer.consent %}{% abort: 'no consent' %}{% endif %}{{ customer.first_name }}" } }`;
  const csv = [
    'registered,first_name,consent',
    'c-1,Jana,true',
    'c-2,NovÃ¡,false',
    'C-3@x.example,Eva,0',
    'c-3@x.example,Eva,1',
    '',
  ].join('\n');

  it('is named in a dry run and at a start, with what to do instead', async () => {
    const { run, write, sandbox } = await makeWorkspace();
    await write('export.csv', csv);
    await write('programs.yaml', program(consent));
    const env = { PROGRAMS_FILE: 'programs.yaml' };
    const warnings = [
      'customer.consent is tested as true or false, but its column is text ("false", "0", "true", "1"), and every text counts as true: 2 rows with a no count as yes.',
      `Write (customer.consent | default('') in ['true', '1']) instead of customer.consent.`,
      '1 id differs from another id only in case: c-3@x.example.',
      'customer.first_name was decoded twice in 1 row: row 2 has “NovÃ¡”, probably meant as “Nová”.',
    ];
    const dryRun = await run(['issue', 'loyalty', 'export.csv', '--dry-run'], env);
    expect(dryRun).toMatchObject({ code: 0, stdout: expect.stringContaining('4  would be sent') });
    for (const warning of warnings) expect(dryRun.stdout).toContain(warning);
    expect(sandbox.witness.entries()).toEqual([]);

    const started = await run(['issue', 'loyalty', 'export.csv', '--yes'], env);
    for (const warning of warnings) expect(started.stdout).toContain(warning);
  });

  it('is sent as meant once the template compares the text, or the export has types', async () => {
    const { run, write } = await makeWorkspace();
    await write('export.csv', csv);
    await write(
      'export.jsonl',
      '{"registered":"d-1","first_name":"Jana","consent":true}\n{"registered":"d-2","first_name":"Petr","consent":false}\n',
    );
    await write('programs.yaml', program(consent));
    const typed = await run(['issue', 'loyalty', 'export.jsonl', '--dry-run'], {
      PROGRAMS_FILE: 'programs.yaml',
    });
    expect(typed.stdout).toContain('1  would be sent');
    expect(typed.stdout).not.toContain('counts as true');
    const compared = consent.replace('customer.consent', `(customer.consent | default('') in ['true', '1'])`);
    await write('compared.yaml', program(compared));
    const text = await run(['issue', 'loyalty', 'export.csv', '--dry-run'], {
      PROGRAMS_FILE: 'compared.yaml',
    });
    expect(text.stdout).toContain('2  would be sent');
  });
});
