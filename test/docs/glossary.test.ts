import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const glossary = readFileSync('docs/glossary.md', 'utf8');

/** Paragraphs that define a term: they start with it in bold. */
const definitions = glossary.split('\n\n').filter((paragraph) => paragraph.startsWith('**'));

function exportsOf(source: string): string[] {
  const exported = /export (?:async )?(?:interface|type|const|function\*?|class) (\w+)/g;
  return Array.from(source.matchAll(exported), ([, name = '']) => name);
}

const declared = new Set(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .flatMap((name) => exportsOf(readFileSync(join('src', name), 'utf8'))),
);

it('names an existing type for each term', () => {
  expect(definitions.length).toBeGreaterThan(40);
  const named = definitions.flatMap((definition) => {
    const [, types = ''] = /Code:\s+((?:`\w+`(?:,\s+)?)+)$/.exec(definition.trim()) ?? [];
    return types === ''
      ? [`${definition.slice(0, 40)}: no type`]
      : [...types.matchAll(/`(\w+)`/g)].map(([, type = '']) => type);
  });
  expect(named.filter((type) => !declared.has(type))).toEqual([]);
});

it('defines each term once', () => {
  const terms = definitions.flatMap(
    (definition) => /^\*\*([^*]+)\*\*/.exec(definition)?.[1]?.split(', ') ?? [],
  );
  expect(terms.filter((term, index) => terms.indexOf(term) !== index)).toEqual([]);
});
