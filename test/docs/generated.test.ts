/** The generated pages are current. `npm run docs` writes them. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { chapters, settings } from '../../src/config/environment.ts';
import { SAMPLE_VOUCHER, whyUnrendered } from '../../src/domain/jobs/program.ts';
import { makeMetrics } from '../../src/services/monitoring/metrics/metrics.ts';
import { aboutExample, cardExamples, programOfExample } from '../../src/services/programs/card-examples.ts';
import { openFile } from '../../src/sources/open-file.ts';

type Generator = (input: unknown) => string | Promise<string>;

const examples = { aboutExample, cardExamples, openFile, programOfExample, SAMPLE_VOUCHER, whyUnrendered };

it.each<[page: string, script: string, generator: string, input: unknown]>([
  ['configuration.md', 'configuration-page.mjs', 'configurationPage', chapters],
  ['metrics.md', 'metrics-page.mjs', 'metricsPage', makeMetrics()],
  ['programs.md', 'programs-page.mjs', 'programsPage', examples],
])('docs/%s is current (npm run docs)', async (page, script, generator, input) => {
  const generators = (await import(resolve('scripts/docs', script))) as Record<string, Generator>;
  expect(readFileSync(resolve('docs', page), 'utf8')).toBe(await generators[generator]?.(input));
});

it('docs/configuration.md lists every setting', () => {
  const page = readFileSync('docs/configuration.md', 'utf8');
  for (const name of Object.keys(settings)) expect(page).toContain(`| \`${name}\` |`);
});
