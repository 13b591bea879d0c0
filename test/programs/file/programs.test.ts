import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Json,
  type Program,
  type TemplateContext,
  whyUnrendered,
} from '../../../src/domain/jobs/program.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { loadPrograms, parsePrograms } from '../../../src/programs/file/programs.ts';
import {
  at,
  guideAttributes,
  guideChangeMessage,
  guideCreate,
  guideNotify,
  snippetByHand,
  criticalTimes,
} from '../../support/guide.ts';

const context: TemplateContext = {
  customer: { first_name: 'Jan', last_name: 'Novák', email: 'jan@example.com', id: '0012' },
  customer_ids: { registered: 'c-17' },
  time: at('2025-11-22T23:43:20Z'),
};

function indented(body: string): string {
  return body.replaceAll('\n', '\n      ');
}

const guideFile = `programs:
  loyalty:
    card: loyalty
    create:
      ${indented(guideCreate)}
    notify:
      ${indented(guideNotify)}
    attributes:
      ${indented(guideAttributes)}
`;

const options = { folder: '/nowhere', timeZone: 'UTC' };

function only(text: string): Program {
  const [program] = parsePrograms(text, 'programs.yaml', options).programs.values();
  if (program === undefined) throw new Error('no program');
  return program;
}

function problemsOf(text: string): readonly string[] {
  try {
    parsePrograms(text, 'programs.yaml', options);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the file was accepted');
}

function withCreate(variables: string, rest = ''): string {
  return `programs:\n  p:\n    card: fan\n    templateId: t\n    create:\n      templateVariables: ${variables}\n${rest}`;
}

function bodyOf(
  program: Program,
  action: 'create' | 'update' | 'notify',
  more: Partial<TemplateContext> = {},
): Json {
  const rendered = program[action]?.render({ ...context, ...more });
  if (rendered?.ok !== true)
    throw new Error(rendered === undefined ? `no ${action}` : whyUnrendered(rendered));
  return rendered.body;
}

test.each([
  ['9203123456789012345', '9203123456789012345'],
  ['-9007199254740993', '-9007199254740993'],
  ['9007199254740991', 9007199254740991],
  ['17', 17],
  ['1.5', 1.5],
  ["'{{ 9203123456789012345 }}'", '9203123456789012345'],
  ["'{{ [9203123456789012345, 1] }}'", ['9203123456789012345', 1]],
])('keeps the digits of a number in a body: %s', (written, sent) => {
  const program = only(withCreate(`{ number: ${written} }`));
  expect(bodyOf(program, 'create')).toMatchObject({ templateVariables: { number: sent } });
});

function withMetadata(metadata: string, rest = ''): string {
  return withCreate('{ a: b }', `      metadata: ${metadata}\n${rest}`);
}

describe('the member of the metadata that holds the job id', () => {
  test.each([
    ['', 'passbridge_job'],
    ['    jobIdKey: origin', 'origin'],
    ['    jobIdKey: false', undefined],
  ])('%j: %s', (rest, key) => {
    expect(only(withMetadata('{ n: 1 }', rest)).jobIdKey).toBe(key);
  });

  test.each([
    ["{ passbridge_job: 'x' }", '', /passbridge_job: is where passbridge sends the job's id/],
    ["{ origin: 'x' }", '    jobIdKey: origin', /origin: is where passbridge sends the job's id/],
    ['{ n: 1 }', "    jobIdKey: 'two words'", /jobIdKey/],
    ['{ n: 1 }', '    jobIdKey: true', /jobIdKey/],
  ])('refuses %s with %j', (metadata, rest, problem) => {
    expect(problemsOf(withMetadata(metadata, rest)).join('\n')).toMatch(problem);
  });

  test('may be taken by the program if no job id is sent', () => {
    const program = only(withMetadata("{ passbridge_job: 'own' }", '    jobIdKey: false'));
    expect(program.jobIdKey).toBeUndefined();
  });
});

test("renders the guide's bodies as pasted", () => {
  const program = only(guideFile);
  expect(program.templateId).toBe('temple_id_passmachine');
  expect(bodyOf(program, 'create')).toEqual({
    templateId: 'temple_id_passmachine',
    templateVariables: {
      kpFirstName: 'Jan',
      kpLastName: 'Novák',
      kpCardNumber: '0012',
      kpDiscountCode: 'SALE123',
      fieldValue: 'NOTIFICATION',
      changeMessage: '30-11-2025 00:43:20',
    },
    metadata: { email: 'jan@example.com', registered: 'c-17' },
  });
  expect(bodyOf(program, 'notify')).toEqual([
    { op: 'replace', path: '/templateVariables/fieldValue', value: 'NOTIFICATION' },
    { op: 'replace', path: '/templateVariables/changeMessage', value: '30-11-2025 00:43:20' },
  ]);
  const webhook = { data: { id: 'p1', ro: { microsite: { url: 'https://x.test/1' } } } };
  expect(program.attributes.render({ ...context, webhook })).toEqual({
    ok: true,
    body: {
      passmachine_pass_id: 'p1',
      passmachine_pass_link: 'https://x.test/1',
      passmachine_pass_gendate: context.time,
    },
  });
  expect(program.create.needs).toEqual(['first_name', 'last_name', 'id', 'email']);
});

test("renders the guide's snippet as its arithmetic does, clock changes included", () => {
  const program = only(withCreate(JSON.stringify({ changeMessage: guideChangeMessage })));
  const times = criticalTimes();
  expect(times.length).toBeGreaterThan(700);
  for (const time of [...times, 1763855000.25]) {
    const body = bodyOf(program, 'create', { time });
    expect({ time, body }).toMatchObject({
      time,
      body: { templateVariables: { changeMessage: snippetByHand(time) } },
    });
  }
});

test('the example file is valid and has the bodies of the guide', () => {
  const program = loadPrograms('examples/programs.yaml').get('loyalty');
  if (program === undefined) throw new Error('no loyalty');
  const guide = only(guideFile);
  expect(bodyOf(program, 'create')).toEqual(bodyOf(guide, 'create'));
  expect(bodyOf(program, 'notify', { text: 'Ahoj' })).toMatchObject([
    { value: 'Ahoj' },
    { value: '30-11-2025 00:43:20' },
  ]);
  expect(bodyOf(program, 'update')).toHaveLength(3);
  expect(program.attributes.needs).toEqual([]);
});

test('update replaces every variable by default', () => {
  const program = only(withCreate(`{ "a/b~c": "{{ customer.first_name }}", n: 3 }`));
  expect(bodyOf(program, 'update')).toEqual([
    { op: 'replace', path: '/templateVariables/a~1b~0c', value: 'Jan' },
    { op: 'replace', path: '/templateVariables/n', value: 3 },
  ]);
  expect(program.notify).toBeUndefined();
});

test('writes back the attributes of the guide by default', () => {
  const { attributes } = only(withCreate('{}'));
  expect(attributes.render({ ...context, webhook: { data: { id: 'p1' } } })).toEqual({
    ok: true,
    body: {
      passmachine_pass_id: 'p1',
      passmachine_pass_gendate: context.time,
      passmachine_pass_email: 'jan@example.com',
    },
  });
});

test('reports all problems at once, with line and suggestion', () => {
  const text = `programs:
  loyalty:
    card: loyality
    templateId: t
    create:
      templateVarables: {}
      templateVariables:
        a: "{{ custmer.first_name }}"
        b: "{% if false %}{{ teime }}{% endif %}"
        c: "{{ time | form_timestamp('%d') }}"
        d: "{{ unclosed"
        e: "{{ text }}"
        f: "{{ change_mesage() }}"
    notify:
      - { op: swap, path: templateVariables/x, value: "{{ change_message(zone='Mars') }}" }
      - { op: add, path: /x }
    attributes:
      jméno: x
`;
  expect(problemsOf(text)).toEqual([
    expect.stringMatching(
      /^programs\.yaml:3: programs\.loyalty\.card: must be one of .*, did you mean loyalty\?$/,
    ),
    'programs.yaml:6: programs.loyalty.create.templateVarables: unknown key, did you mean templateVariables?',
    'programs.yaml:8: programs.loyalty.create.templateVariables.a: unknown variable custmer, did you mean customer?',
    'programs.yaml:9: programs.loyalty.create.templateVariables.b: unknown variable teime, did you mean time?',
    'programs.yaml:10: programs.loyalty.create.templateVariables.c: unknown filter form_timestamp, did you mean from_timestamp?',
    expect.stringMatching(/^programs\.yaml:11: .*\.d: a tag is not closed/),
    'programs.yaml:12: programs.loyalty.create.templateVariables.e: text is defined in notify only',
    'programs.yaml:13: programs.loyalty.create.templateVariables.f: unknown variable change_mesage, did you mean change_message?',
    'programs.yaml:15: programs.loyalty.notify[0].op: must be one of add, replace, remove',
    'programs.yaml:15: programs.loyalty.notify[0].path: must start with /, e.g. /templateVariables/fieldValue',
    expect.stringMatching(/^programs\.yaml:15: .*notify\[0\]\.value: .*time zone Mars/),
    'programs.yaml:16: programs.loyalty.notify[1].value: is missing',
    'programs.yaml:18: programs.loyalty.attributes.jméno: an attribute name can have ASCII characters only',
  ]);
});

test.each([
  ['', /^programs\.yaml:1: must be a map of names and values$/],
  ['programs: {}', /^programs\.yaml:1: programs: has no program$/],
  [
    'programs:\n  "a:b": { card: fan }',
    /programs\.yaml:2: programs\.a:b: a program name must start with a letter/,
  ],
  ['programs:\n  a: {}\n  a: {}\n', /^programs\.yaml:3: duplicate key a$/],
  ['programs:\n  a:\n    create:\n{\n"x": 1\n}\n', /programs\.yaml:4: not valid YAML: .*indent pasted JSON/],
  ['programs:\n  a: [\n', /programs\.yaml:3: not valid YAML/],
  [withCreate('{}').replace('    templateId: t\n', ''), /templateId: is missing/],
  [
    withCreate('{}').replace('templateId: t', 'templateId: t\u200Bu'),
    /templateId: has an invisible character at position 2: U\+200B/,
  ],
  [
    withCreate('{}').replace('      template', '      templateId: u\n      template'),
    /create\.templateId: differs/,
  ],
  [
    withCreate("{ a: '{{ voucher }}' }"),
    /voucher is defined in create and attributes only, and only if the program has a file of codes/,
  ],
  [
    withCreate('{}').replace('    card', '    vouchers: none.txt\n    card'),
    /vouchers: none\.txt does not exist in /,
  ],
  [withCreate('{ a: \'{{ "x" | from_json }}\' }'), /templateVariables\.a: .*\(at from_json\)/],
  [
    withCreate("{ a: '{% for i in range(90000) %}{% endfor %}{% for i in range(90000) %}{% endfor %}' }"),
    /templateVariables\.a: takes too much work and was stopped: a loop runs too often/,
  ],
])('refuses %j', (text, problem) => {
  expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
});

test.each([
  '{{ customer.points | int + 1 }}',
  "{{ customer.born | from_timestamp('%d.%m.') }}",
  "{{ customer.name.split(' ')[1] | upper }}",
  '{{ (customer.prefs | from_json).lang }}',
  '{{ customer.address.city }}',
  '{% for tag in customer.tags %}{{ tag }}{% endfor %}',
  "{{ customer['first name'] }}",
])('does not refuse %s because of sample data', (source) => {
  expect(only(withCreate(JSON.stringify({ a: source }))).create.uses).toHaveLength(1);
});

test('accepts the template id in both places if it is the same', () => {
  expect(
    only(withCreate('{}').replace('      template', '      templateId: t\n      template')).templateId,
  ).toBe('t');
});

test('a missing file names the remedy', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'passbridge-')), 'programs.yaml');
  expect(() => loadPrograms(file)).toThrow(
    /does not exist\. Run passbridge init to create one, or set PROGRAMS_FILE/,
  );
});

const key = '-----BEGIN PRIVATE KEY-----';

test.each([
  [
    withCreate(`{ a: 'Bearer ${'x'.repeat(40)}' }`),
    /programs\.p\.create\.templateVariables\.a: contains a bearer token/,
  ],
  [
    withCreate('{}', `    notify: [{ op: add, path: /a, value: ["${key}"] }]\n`),
    /notify\[0\]\.value\[0\]: contains a private key/,
  ],
  [withCreate(`{ a: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJpdmEifQ.c2ln' }`), /contains a JSON web token/],
  [withCreate("{ a: 'AKIAIOSFODNN7EXAMPLE' }"), /contains an AWS key/],
])('reports a secret in the file without repeating it', (text, problem) => {
  const problems = problemsOf(text);
  expect(problems).toEqual([expect.stringMatching(problem)]);
  expect(problems.join()).not.toMatch(/xxxx|eyJ|AKIA|BEGIN/);
});

test('reports a secret along with other problems', () => {
  const text = withCreate(`{ a: 'Bearer ${'x'.repeat(40)}' }`).replace('card: fan', 'card: fann');
  expect(problemsOf(text)).toEqual([
    expect.stringContaining('did you mean fan?'),
    expect.stringContaining('contains a bearer token'),
  ]);
});
