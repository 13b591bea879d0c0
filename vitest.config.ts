import { defineConfig } from 'vitest/config';
import { makeWitnessReporter } from './test/support/witness-reporter.ts';

/** File for the results as JSON; set in CI. */
const report = process.env['CHECK_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/browser/**'],
    globalSetup: './test/global-setup.ts',
    // The output of passing tests helps no reader.
    silent: 'passed-only',
    reporters: [
      'default',
      makeWitnessReporter(),
      ...(report === undefined ? [] : [['json', { outputFile: report }] satisfies [string, object]]),
    ],
    // Many tests start processes; more workers would only slow each of them down.
    maxWorkers: 2,
    maxConcurrency: 5,
    // A generous deadline, so that tests do not fail on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    // Tests use real servers, sockets and processes on shared machines: a failure that repeats is a bug.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
