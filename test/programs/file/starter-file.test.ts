import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fillStarter } from '../../../src/programs/file/starter-file.ts';
import { parsePrograms } from '../../../src/programs/file/programs.ts';
import { cardTypes } from '../../../src/domain/jobs/program.ts';

const schema = '../passbridge/schema/programs.schema.json';

const example = readFileSync('examples/programs.yaml', 'utf8');
const parsed = (text: string) => {
  const { programs } = parsePrograms(text, 'programs.yaml', { folder: '.', timeZone: 'UTC' });
  return [...programs.values()];
};

describe('a starter file', () => {
  it.each(cardTypes)('for a %s card is the example with three texts changed', (card) => {
    const text = fillStarter(example, { card, templateId: 'template: "7" #1', schema });
    expect(parsed(text)).toMatchObject([{ name: 'loyalty', card, templateId: 'template: "7" #1' }]);
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
  ])('sets the template id where the example has it: %s', (_where, rest) => {
    const text = `# head\nprograms:\n  fan-card:\n    card: fan # kind\n${rest}# end\n`;
    const filled = fillStarter(text, { card: 'gift', templateId: 't-1', schema });
    expect(parsed(filled)).toMatchObject([{ name: 'fan-card', card: 'gift', templateId: 't-1' }]);
    for (const comment of text.matchAll(/#.*/g)) expect(filled).toContain(comment[0]);
  });

  it.each(['', 'programs: {}', 'programs: [', 'programs: { a: { create: {} } }'])(
    'cannot be made from %j',
    (text) => {
      expect(() => fillStarter(text, { card: 'gift', templateId: 't-1', schema })).toThrow(/the example/);
    },
  );
});
