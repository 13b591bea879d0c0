import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { ConfigError } from '../../../src/config/config-error.ts';
import { importPreset, type ImportOptions } from '../../../src/programs/preset/import-preset.ts';
import { parseVoucher, type Vouchers } from '../../../src/programs/preset/voucher.ts';
import { parsePrograms } from '../../../src/programs/file/programs.ts';
import { guideAttributes, guideCreate, guideNotify } from '../../support/guide.ts';
import { wholeGuide } from './fixtures.ts';

type Options = Partial<Omit<ImportOptions, 'programs'>> & { there?: string };

function imported(text: string, { there, ...options }: Options = {}) {
  return importPreset('preset.txt', {
    text,
    name: undefined,
    card: undefined,
    templateId: undefined,
    vouchers: new Map(),
    keepText: false,
    force: false,
    programs: { file: 'programs.yaml', folder: '/nowhere', text: there },
    ...options,
  });
}

function refusalOf(text: string, options?: Options): string {
  try {
    imported(text, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was imported');
}

function vouchers(...texts: string[]): Vouchers {
  return new Map(
    texts.map((text) => {
      const voucher = parseVoucher(text);
      if (!voucher.ok) throw new Error(voucher.problem);
      return [voucher.variable, voucher.source];
    }),
  );
}

const create = JSON.parse(guideCreate) as { templateVariables: object };
const [fieldValue, changeMessage] = JSON.parse(guideNotify) as object[];
const attributes = JSON.parse(guideAttributes) as unknown;

describe('a new file', () => {
  test("has the guide's bodies unchanged except the text of a notification", () => {
    const { text, notes } = imported(wholeGuide);
    expect(parse(text)).toEqual({
      programs: {
        loyalty: {
          card: 'loyalty',
          create,
          notify: [{ ...fieldValue, value: '{{ text }}' }, changeMessage],
          attributes,
        },
      },
    });
    expect(text).toContain('\n        kpFirstName: "{{ customer.first_name }}"\n');
    expect(notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^line \d+: NOTIFICATION became \{\{ text \}\}/),
        expect.stringMatching(/^line \d+: templateId is the guide's placeholder.*--template-id/),
        expect.stringMatching(
          /^line \d+: kpDiscountCode: SALE123 is the same for every customer.*--voucher kpDiscountCode=attribute:NAME/,
        ),
      ]),
    );
  });

  test('applies the options of the command', () => {
    const { text, notes } = imported(`${guideCreate}\n${guideNotify}`, {
      name: 'vip',
      card: 'fan',
      templateId: 't-7',
      keepText: true,
      vouchers: vouchers('kpDiscountCode=attribute:my code', 'kpCardNumber=attribute:number'),
    });
    expect(parse(text)).toMatchObject({
      programs: {
        vip: {
          card: 'fan',
          create: {
            templateId: 't-7',
            templateVariables: {
              kpDiscountCode: '{{ customer["my code"] }}',
              kpCardNumber: '{{ customer.number }}',
            },
          },
          notify: [fieldValue, changeMessage],
        },
      },
    });
    expect(notes.join('\n')).not.toMatch(/kpDiscountCode|NOTIFICATION became|placeholder/);
  });

  test('keeps a constant code without a note', () => {
    const { text, notes } = imported(guideCreate, { vouchers: vouchers('kpDiscountCode=constant') });
    expect(text).toContain('kpDiscountCode: SALE123');
    expect(notes.join('\n')).not.toContain('kpDiscountCode');
  });

  test('takes codes from a file, which must exist', () => {
    const folder = mkdtempSync(join(tmpdir(), 'passbridge-preset-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const options = {
      vouchers: vouchers('kpDiscountCode=file:codes.txt'),
      programs: { file: 'programs.yaml', folder, text: undefined },
    };
    expect(() => imported(guideCreate, options)).toThrow(/vouchers: codes\.txt does not exist/);
    writeFileSync(join(folder, 'codes.txt'), 'A-1\n');
    expect(parse(imported(guideCreate, options).text)).toMatchObject({
      programs: {
        loyalty: {
          vouchers: 'codes.txt',
          create: { templateVariables: { kpDiscountCode: '{{ voucher }}' } },
        },
      },
    });
    const two = vouchers('kpDiscountCode=file:a.txt', 'kpCardNumber=file:b.txt');
    expect(() => imported(guideCreate, { ...options, vouchers: two })).toThrow(/one file of codes/);
  });

  test('the compiled program renders any pasted body', () => {
    const value = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });
    const variables = fc.dictionary(fc.string({ unit: 'binary' }), value);
    fc.assert(
      fc.property(variables, (templateVariables) => {
        const body = { templateId: 't', templateVariables };
        const source = JSON.stringify(body);
        fc.pre(!/\{[{%#]|__proto__|(?<![\w".])-?\d{17,}/.test(source));
        const { text } = imported(source);
        const program = parsePrograms(text, 'programs.yaml', { folder: '/', timeZone: 'UTC' }).programs.get(
          'loyalty',
        );
        const rendered = program?.create.render({ customer: {}, customer_ids: {}, time: 1 });
        expect(rendered).toEqual({ ok: true, body: JSON.parse(source) });
      }),
      { numRuns: 40 },
    );
  });
});

const there = `# mine
programs:   # all of them
  fan:      # the first
    card: fan
    templateId: t
    create: { templateVariables: { a: b } }   # kept

  # before stamp
  stamp:
    card: stamp
    create:
      templateId: t
      templateVariables:
        long: |
          two
          lines

# sources: none yet
`;

describe('an existing file', () => {
  test('gets a new program and keeps all its bytes', () => {
    const { text } = imported(guideCreate, { there, name: 'mine' });
    const [before = '', after = ''] = text.split(/\n  mine:\n(?:    .*\n)+/);
    expect(`${before}${after}`).toBe(there);
    expect(parse(text)).toMatchObject({
      programs: { fan: { card: 'fan' }, mine: { card: 'loyalty', create } },
    });
  });

  test('gets the missing sections of a program', () => {
    const { text, sections } = imported(guideNotify, { there, name: 'fan' });
    expect(sections).toEqual(['notify']);
    expect(text).toContain('# kept\n    notify:\n      - op: replace\n');
    expect(text.replace(/    notify:\n(?:      .*\n)+/, '')).toBe(there);
  });

  test('keeps existing sections unless forced', () => {
    expect(refusalOf(guideCreate, { there, name: 'stamp' })).toMatch(
      /programs\.yaml already has programs\.stamp\.create: .*--name NAME.*--force/,
    );
    expect(refusalOf(guideNotify, { there, name: 'stamp', card: 'gift' })).toContain(
      'already has programs.stamp.card',
    );
    const { text } = imported(guideCreate, { there, name: 'fan', force: true, templateId: 't' });
    expect(parse(text)).toMatchObject({ programs: { fan: { create: { metadata: {} } }, stamp: {} } });
    expect(text).toContain('# kept\n\n  # before stamp\n');
  });

  test.each([
    ['programs: { fan: { card: fan, templateId: t, create: { templateVariables: {} } } } # one line\n'],
    ['programs: {}\n'],
    ['# nothing yet\n'],
    ['programs:\n'],
    ['programs:\n  fan:\n    card: fan\n    templateId: t\n    create: { templateVariables: { a: "b" } }'],
  ])('is extended in any style: %j', (style) => {
    const { text } = imported(guideCreate, { there: style, name: 'mine' });
    expect(parse(text)).toMatchObject({
      programs: { ...(parse(style) as { programs?: object } | null)?.programs, mine: { create } },
    });
    for (const comment of style.match(/# .*/g) ?? []) expect(text).toContain(comment);
  });

  test.each([
    ['programs: [', /programs\.yaml:1: not valid YAML/],
    ['- a\n', /programs\.yaml is not a programs file/],
    ['programs:\n  fan:\n    card: fun\n    create: {}\n', /programs\.yaml:3: programs\.fan\.card/],
  ])('is refused if it is invalid itself: %j', (broken, problem) => {
    expect(refusalOf(guideCreate, { there: broken, name: 'mine' })).toMatch(problem);
  });
});

function withVariable(leaf: string): string {
  return JSON.stringify({ templateId: 't', templateVariables: { a: leaf } }, null, 1);
}

describe('reports with the line of the pasted file', () => {
  test.each([
    [
      'an unknown filter',
      '{{ time | form_timestamp }}',
      /line 4: create\.templateVariables\.a: unknown filter form_timestamp, did you mean from_timestamp\?/,
    ],
    [
      'a filter of Bloomreach',
      "{{ time | format_datetime('%d') }}",
      /line 4: .*unknown filter format_datetime: write from_timestamp/,
    ],
    [
      'a variable of Bloomreach',
      "{{ aggregates['x'] }}",
      /line 4: .*unknown variable aggregates: .*a column/,
    ],
    [
      'a tag of Bloomreach',
      '{% output x %}',
      /line 4: .*the statement output is not supported: passbridge makes one call per customer/,
    ],
    ['an event', '{{ event.total }}', /line 4: .*unknown variable event: .*\{\{ customer\.NAME \}\}/],
    ['an open tag', '{{ time', /line 4: create\.templateVariables\.a: /],
  ])('%s', (_what, leaf, problem) => {
    expect(refusalOf(withVariable(leaf))).toMatch(problem);
  });

  test('Jinja in a name', () => {
    expect(refusalOf('{"templateVariables": {\n"{{ time }}": 1}}')).toMatch(
      /line 2: create\.templateVariables.*Jinja in a name/,
    );
  });

  test('a create without a template', () => {
    expect(refusalOf('{"templateVariables": {}}')).toMatch(/templateId: is missing.*--template-id ID/);
  });

  test('a notification without a create, and an unknown key', () => {
    expect(refusalOf(guideNotify)).toMatch(/create: is missing: paste the body of the create as well/);
    expect(refusalOf('{"templateId": "t",\n"templateVariables": {},\n"meta": {}}')).toMatch(
      /line 3: create\.meta: unknown key/,
    );
  });

  test('a voucher for a text that does not exist', () => {
    expect(refusalOf(guideCreate, { vouchers: vouchers('kpDiscontCode=attribute:x') })).toMatch(
      /--voucher kpDiscontCode: the file has no text of this name, did you mean kpDiscountCode\?/,
    );
  });

  test('an invalid program name', () => {
    expect(refusalOf(guideCreate, { name: 'my program' })).toMatch(/a program name must start with a letter/);
  });
});
