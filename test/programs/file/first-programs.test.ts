import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fillProgram } from '../../../src/programs/file/first-programs.ts';
import { parsePrograms } from '../../../src/programs/file/programs.ts';
import { cardTypes } from '../../../src/domain/jobs/program.ts';

const schema = '../passbridge/schema/programs.schema.json';

const example = readFileSync('examples/programs.yaml', 'utf8');
const read = (text: string) => {
  const { programs } = parsePrograms(text, 'programs.yaml', { folder: '.', timeZone: 'UTC' });
  return [...programs.values()];
};

describe('a first programs file', () => {
  it.each(cardTypes)('of the card %s is the example with three texts changed', (card) => {
    const text = fillProgram(example, { card, templateId: 'template: "7" #1', schema });
    expect(read(text)).toMatchObject([{ name: 'loyalty', card, templateId: 'template: "7" #1' }]);
    const [before, after] = [example.split('\n'), text.split('\n')];
    const changed = before.filter((line, at) => line !== after[at]).map((line) => line.trim());
    expect(after).toHaveLength(before.length);
    expect(changed).toEqual([
      '# yaml-language-server: $schema=../schema/programs.schema.json',
      ...(card === 'loyalty' ? [] : ['card: loyalty']),
      '"templateId": "temple_id_passmachine",',
    ]);
  });

  it.each([
    ['above the create', '    templateId: old # theirs\n    create: { templateVariables: { a: b } }\n'],
    ['in both places', '    templateId: old\n    create: { templateId: old, templateVariables: { a: b } }\n'],
    ['nowhere', '    create: { templateVariables: { a: b } }\n'],
  ])('takes the template id where the example has it: %s', (_where, rest) => {
    const text = `# head\nprograms:\n  fan-card:\n    card: fan # kind\n${rest}# end\n`;
    const filled = fillProgram(text, { card: 'gift', templateId: 't-1', schema });
    expect(read(filled)).toMatchObject([{ name: 'fan-card', card: 'gift', templateId: 't-1' }]);
    for (const comment of text.matchAll(/#.*/g)) expect(filled).toContain(comment[0]);
  });

  it.each(['', 'programs: {}', 'programs: [', 'programs: { a: { create: {} } }'])(
    'is not made of %j',
    (text) => {
      expect(() => fillProgram(text, { card: 'gift', templateId: 't-1', schema })).toThrow(/the example/);
    },
  );
});
