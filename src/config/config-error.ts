/** Configuration that cannot be worked with, and every reason why: nobody mends them one start at a time. */

/** Thrown at boot only. `message` lists all problems, one a line. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  /** `remedy`: what would do away with all of them. */
  constructor(subject: string, problems: readonly string[], remedy?: string) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    const lines = [`${subject} has ${count}:`, ...problems.map((problem) => `  - ${problem}`)];
    super([...lines, ...(remedy === undefined ? [] : [remedy])].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
