import { defineConfig } from 'vitest/config';

/** Where CI wants the result as JSON. */
const report = process.env['CHECK_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: './test/global-setup.ts',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // Most tests wait for processes and clocks, so more of them fit than there are processors.
    maxWorkers: 3,
    maxConcurrency: 5,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
