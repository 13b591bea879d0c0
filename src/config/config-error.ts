/** An invalid configuration, with every problem, so that all can be fixed at once. */

/** Thrown before anything is opened. `message` lists all problems, one per line. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  /** `subject`: what is invalid, e.g. `The programs file`. `remedy`: what would fix all problems. */
  constructor(subject: string, problems: readonly string[], remedy?: string) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    const lines = [`${subject} has ${count}:`, ...problems.map((problem) => `  - ${problem}`)];
    super([...lines, ...(remedy === undefined ? [] : [remedy])].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
