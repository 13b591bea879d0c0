/** Number of random cases of a property test: all in CI, a third while developing, at least one. */
export function propertyRuns(all: number): number {
  return process.env['CI'] === undefined ? Math.max(1, Math.round(all / 3)) : all;
}
