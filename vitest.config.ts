import { defineConfig } from 'vitest/config';
import { makeVerdictReporter } from './test/support/verdict-reporter.ts';

/** Where CI wants the result as JSON. */
const report = process.env['CHECK_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/browser/**'],
    globalSetup: './test/global-setup.ts',
    // What tests that pass have printed is of no use to anybody.
    silent: 'passed-only',
    reporters: [
      'default',
      makeVerdictReporter(),
      ...(report === undefined ? [] : [['json', { outputFile: report }] satisfies [string, object]]),
    ],
    // Many tests start processes of their own: more at once only make each of them late.
    maxWorkers: 2,
    maxConcurrency: 5,
    // What is waited for comes soon; a busy machine is no reason to fail.
    expect: { poll: { timeout: 20_000 } },
    // Real servers, sockets and processes on a machine that others use: what fails twice is broken.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
