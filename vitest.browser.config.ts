import { defineConfig } from 'vitest/config';

/** The tests that look at the dashboard in a real Chromium; `npm test` needs none. */
const report = process.env['BROWSER_REPORT'];

export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: './test/global-setup.ts',
    silent: 'passed-only',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // One browser at a time: two would only make each other late.
    maxWorkers: 1,
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
