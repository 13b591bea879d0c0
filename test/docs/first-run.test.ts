import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { questions } from '../../src/cli/prompt/init-questions.ts';
import { cardTypes } from '../../src/domain/jobs/program.ts';

const page = readFileSync('docs/first-run.md', 'utf8');

it('docs/first-run.md lists the questions of init', () => {
  const table = page.slice(page.indexOf('## init'), page.indexOf('## doctor'));
  const flags = [...table.matchAll(/`--([a-z-]+)`/g)].map(([, flag]) => flag);
  expect(flags.filter((flag) => flag !== 'force')).toEqual(questions.map(({ name }) => name));
  expect(questions).toHaveLength(10);
  expect(page).toContain('asks ten questions');
});

it('docs/first-run.md states how many card types there are', () => {
  expect(cardTypes).toHaveLength(15);
  expect(page).toContain('one of the fifteen card types');
});
