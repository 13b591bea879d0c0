import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import { configurationPage, envExample } from '../../src/config/environment-docs.ts';
import { loadConfig } from '../../src/config/load.ts';

test.each([
  ['.env.example', envExample],
  ['docs/configuration.md', configurationPage],
])('%s is fresh (npm run docs)', (file, text) => {
  expect(readFileSync(file, 'utf8')).toBe(text());
});

test('both name every setting', () => {
  for (const name of Object.keys(settings)) {
    expect(envExample()).toContain(`\n#${name}=`);
    expect(configurationPage()).toContain(`| \`${name}\` |`);
  }
});

test('the defaults are valid themselves', () => {
  const defaults = Object.entries(settings).map(([name, setting]) => [
    name,
    'fallback' in setting ? setting.fallback : undefined,
  ]);
  const { summary: _defaults, ...explicit } = loadConfig({ env: Object.fromEntries(defaults), cwd: '/' });
  const { summary: _none, ...implicit } = loadConfig({ env: {}, cwd: '/' });
  expect(explicit).toEqual(implicit);
});
