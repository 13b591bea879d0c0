import { defineConfig } from 'vitest/config';

/** Tests of the dashboard in a real Chromium, which `npm test` does not need. BROWSER_REPORT: path of a JSON report. */
const report = process.env['BROWSER_REPORT'];

export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: './test/global-setup.ts',
    silent: 'passed-only',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // Concurrent browsers would slow each other down.
    maxWorkers: 1,
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
