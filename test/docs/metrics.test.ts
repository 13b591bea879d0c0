import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { metricsPage } from '../../src/services/monitoring/metrics/metrics-docs.ts';

it('docs/metrics.md is what the metrics say (npm run docs writes it)', () => {
  expect(readFileSync('docs/metrics.md', 'utf8')).toBe(metricsPage());
});
