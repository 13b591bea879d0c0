/**
 * Prints below the test results what the sandbox's witness recorded of campaigns under faults, one line per scenario,
 * even if all tests pass.
 */

import type { Reporter } from 'vitest/node';

/** Type of the annotations that are printed. */
export const WITNESS_REPORT = 'witness-report';

export function makeWitnessReporter(): Reporter {
  return {
    onTestRunEnd(modules) {
      const lines = modules
        .flatMap(({ children }) => [...children.allTests()])
        .flatMap((test) => test.annotations())
        .filter(({ type }) => type === WITNESS_REPORT)
        .map(({ message }) => `   ${message}\n`);
      if (lines.length > 0) process.stdout.write(`Campaigns under faults:\n${lines.join('')}\n`);
    },
  };
}
