/**
 * Compares passbridge with Jinja2 3.1, row by row. `write-fixtures.py` writes what Jinja2 makes of each template; a row
 * is equal, also if both fail, or its template is refused when the programs file is loaded.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { builtin } from '../../../src/programs/jinja/library/builtin.ts';
import { programRenderer } from '../../../src/programs/jinja/dialects.ts';
import {
  unsupportedFilters,
  unsupportedMethods,
  unsupportedStatements,
} from '../../../src/programs/jinja/refusals.ts';
import { unsupportedIn } from '../../../src/programs/jinja/static-checks.ts';
import { methodsByType } from '../../../src/programs/python/attributes.ts';
import { compileSection } from '../../../src/programs/template/section.ts';

/** What Jinja2 prints; `varies` if that is an address in memory, or random. */
type Expected = string | { error: string } | { varies: true };

const SECTIONS = ['filters', 'tests', 'operators', 'expressions', 'methods', 'statements'] as const;

function fixturesOf(section: (typeof SECTIONS)[number]): Record<string, Record<string, Expected>> {
  const file = join(import.meta.dirname, `${section}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, Expected>>;
}

type Outcome =
  | { kind: 'printed'; text: unknown }
  /** By its template, whatever the data. */
  | { kind: 'refused'; problem: string }
  /** Because of the data. */
  | { kind: 'failed'; problem: string };

/** The comment makes each template a text, which a template that is one expression is not. */
const COMMENT = '{##}';

function outcomeOf(template: string): Outcome {
  const compiled = programRenderer.compile(COMMENT + template);
  if (!compiled.ok) return { kind: 'refused', problem: compiled.fault.message };
  const [unsupported] = unsupportedIn(compiled.template.statements);
  if (unsupported !== undefined) return { kind: 'refused', problem: unsupported };
  const rendered = compiled.template.render(new Map());
  if (rendered.ok) return { kind: 'printed', text: rendered.value };
  const { kind, message } = rendered.fault;
  return { kind: kind === 'misused' ? 'refused' : 'failed', problem: message };
}

const counts = { equal: 0, refused: 0, different: 0 };

/** Returns a description of a row that is different. */
function compare(template: string, expected: Expected): string | undefined {
  const outcome = outcomeOf(template);
  const isEqual =
    outcome.kind === 'printed'
      ? outcome.text === expected
      : typeof expected === 'object' && 'error' in expected;
  if (isEqual) {
    counts.equal += 1;
    return undefined;
  }
  // The alternative stands after a colon.
  if (outcome.kind === 'refused' && outcome.problem.includes(': ') && isRefusedAtLoad(template)) {
    counts.refused += 1;
    return undefined;
  }
  counts.different += 1;
  return `${template}: Jinja2 ${JSON.stringify(expected)}, passbridge ${JSON.stringify(outcome)}`;
}

function isRefusedAtLoad(template: string): boolean {
  return !compileSection('create', { a: COMMENT + template }).ok;
}

describe.each(SECTIONS)('Jinja2: %s', (section) => {
  const rows = Object.entries(fixturesOf(section));

  it.each(rows)('%s', { timeout: 120_000 }, (_name, results) => {
    const different = Object.entries(results).flatMap(
      ([template, result]) => compare(template, result) ?? [],
    );
    expect(different).toEqual([]);
  });
});

function namesIn(section: (typeof SECTIONS)[number]): string[] {
  return Object.keys(fixturesOf(section));
}

describe('the suite', () => {
  it('has rows of every filter, test and method that templates can use, and of all that are refused', () => {
    expect(namesIn('filters').toSorted()).toEqual(
      [...builtin.filters.keys(), ...Object.keys(unsupportedFilters)].toSorted(),
    );
    expect(namesIn('tests').toSorted()).toEqual([...builtin.tests.keys()].toSorted());
    const types = {
      text: 'str',
      list: 'list',
      tuple: 'tuple',
      dict: 'dict',
      'whole number': 'int',
      number: 'float',
    };
    const methods = Object.entries(methodsByType).flatMap(([type, known]) =>
      Object.keys(known).map((name) => `${types[type as keyof typeof types]}.${name}`),
    );
    expect(namesIn('methods')).toEqual(
      expect.arrayContaining([...methods, ...Object.keys(unsupportedMethods)]),
    );
    expect(namesIn('statements')).toEqual(expect.arrayContaining(Object.keys(unsupportedStatements)));
  });

  it('refuses what it lists as unsupported', () => {
    for (const name of Object.keys(unsupportedFilters))
      expect(compileSection('create', { a: `{{ customer.a | ${name} }}` })).toMatchObject({
        ok: false,
        problems: [{ problem: expect.stringContaining(`the filter ${name} is not supported: `) as string }],
      });
    for (const name of Object.keys(unsupportedMethods))
      expect(compileSection('create', { a: `{{ customer.a.${name}() }}` })).toMatchObject({
        ok: false,
        problems: [{ problem: expect.stringContaining(`the method ${name} is not supported: `) as string }],
      });
  });

  afterAll(() => {
    // oxlint-disable-next-line eslint/no-console -- the figures of the suite
    console.log(
      `Jinja2: ${counts.equal} rows equal, ${counts.refused} refused at load, ${counts.different} different`,
    );
  });
});
