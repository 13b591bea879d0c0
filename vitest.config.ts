import { defineConfig } from 'vitest/config';

/** Where CI wants the result as JSON. */
const report = process.env['CHECK_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: './test/global-setup.ts',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // Many tests start processes of their own: more at once only make each of them late.
    maxWorkers: 2,
    maxConcurrency: 5,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
