import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cardExamplesPage } from '../../src/services/programs/card-examples-page.ts';

it('docs/programs.md is what the examples say (npm run docs writes it)', async () => {
  expect(readFileSync('docs/programs.md', 'utf8')).toBe(await cardExamplesPage());
});
