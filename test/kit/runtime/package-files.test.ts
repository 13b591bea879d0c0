/** Files of the package and of its dependencies, from the sources. `test/release` finds them in a release. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import {
  dependencyFile,
  examplesFolder,
  packageFolder,
  packageVersion,
  schemaFrom,
} from '../../../src/kit/runtime/package-files.ts';

it('finds the folder of the package from the sources', () => {
  expect(packageFolder).toBe(resolve('.'));
  expect(examplesFolder).toBe(resolve('examples'));
  expect(packageVersion()).toBe(
    (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version,
  );
  expect(schemaFrom(resolve('examples', 'cards'))).toBe('../../schema/programs.schema.json');
});

it('finds files and folders of dependencies, also if the package does not export them', () => {
  expect(readFileSync(dependencyFile('htmx.org/dist/htmx.min.js'), 'utf8')).toContain('htmx');
  expect(dependencyFile('htmx.org/dist')).toMatch(/node_modules\/htmx\.org\/dist$/);
});

it('names a file that is missing', () => {
  expect(() => dependencyFile('htmx.org/dist/missing.js')).toThrow('htmx.org/dist/missing.js');
});
