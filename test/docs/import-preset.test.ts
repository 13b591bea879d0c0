/** The example of docs/import-preset.md: its notes and its program are what the import returns. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { importPreset } from '../../src/programs/preset/import-preset.ts';

it('docs/import-preset.md shows the result of importing its example', () => {
  const page = readFileSync('docs/import-preset.md', 'utf8');
  const example = page.slice(page.indexOf('## Example'));
  const [preset = '', printed = '', program = ''] = [...example.matchAll(/^```\w*\n(.*?)^```/gms)].map(
    ([, block]) => block,
  );
  const imported = importPreset('preset.txt', {
    text: preset,
    name: 'loyalty',
    card: undefined,
    templateId: undefined,
    vouchers: new Map(),
    keepText: false,
    force: false,
    programs: { file: 'programs.yaml', folder: '.', text: undefined },
  });
  expect(printed.trim().split('\n').slice(2)).toEqual(['Notes on preset.txt:', ...imported.notes]);
  expect(printed).toContain(`program loyalty with ${imported.sections.join(', ')}.`);
  expect(parse(imported.text)).toEqual(parse(program));
});
