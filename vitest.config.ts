import { defineConfig } from 'vitest/config';
import { makeWitnessReporter } from './test/support/witness-reporter.ts';

/** Path of a JSON report; CI adds up its numbers. */
const report = process.env['TEST_REPORT'];

const redis = ['test/**/*.redis.test.{ts,tsx}'];
const integration = ['test/integration/**/*.redis.test.ts', 'test/cli/*.redis.test.ts'];
const processes = ['test/**/*.process.test.ts'];
const browser = ['test/browser/**/*.test.ts'];
const chaos = ['test/chaos/**/*.process.test.ts'];

/** Real servers and processes: a busy machine is no reason to fail. */
const patient = { testTimeout: 300_000, hookTimeout: 120_000 };

/** Tests that start many processes get a second try in CI, whose machine other work shares. */
const retry = process.env['CI'] === undefined ? 0 : 1;

export default defineConfig({
  test: {
    silent: 'passed-only',
    reporters: [
      'default',
      makeWitnessReporter(),
      ...(report === undefined ? [] : [['json', { outputFile: report }] satisfies [string, object]]),
    ],
    expect: { poll: { timeout: 20_000 } },
    maxConcurrency: 5,
    // Projects with the same order run side by side; each of these groups has the machine to itself.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [...redis, ...processes, ...browser],
          testTimeout: 60_000,
          pool: 'threads',
          // Loading the modules anew for each file takes as long as the tests themselves.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...patient,
          name: 'redis',
          include: redis,
          exclude: integration,
          globalSetup: './test/global-setup.ts',
          // They wait for Redis and sockets most of the time.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...patient,
          name: 'smoke',
          include: ['test/e2e/smoke.process.test.ts'],
          globalSetup: './test/global-setup.ts',
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          ...patient,
          retry,
          name: 'integration',
          include: integration,
          globalSetup: './test/global-setup.ts',
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          ...patient,
          retry,
          name: 'process',
          include: processes,
          exclude: [...chaos, 'test/e2e/smoke.process.test.ts'],
          globalSetup: './test/global-setup.ts',
          // Each test starts several processes of its own.
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          ...patient,
          retry,
          name: 'browser',
          include: browser,
          globalSetup: './test/global-setup.ts',
          maxWorkers: 1,
          sequence: { groupOrder: 5 },
        },
      },
      {
        extends: true,
        test: {
          ...patient,
          retry,
          name: 'chaos',
          include: chaos,
          globalSetup: './test/global-setup.ts',
          maxWorkers: 1,
          sequence: { groupOrder: 6 },
        },
      },
    ],
  },
});
