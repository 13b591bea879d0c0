/**
 * Prints below the results of a run what the sandbox's witness said of campaigns in trouble, one line for
 * each scenario, also where all went well.
 */

import type { Reporter } from 'vitest/node';

/** Type of the annotations that are printed. */
export const VERDICT = 'verdict';

export function makeVerdictReporter(): Reporter {
  return {
    onTestRunEnd(modules) {
      const lines = modules
        .flatMap(({ children }) => [...children.allTests()])
        .flatMap((test) => test.annotations())
        .filter(({ type }) => type === VERDICT)
        .map(({ message }) => `   ${message}\n`);
      if (lines.length > 0) process.stdout.write(`Verdicts of the sandbox's witness:\n${lines.join('')}\n`);
    },
  };
}
