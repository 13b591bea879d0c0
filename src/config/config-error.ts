/** Configuration that cannot be worked with, and every reason why: nobody mends them one start at a time. */

/** Thrown at boot only. `message` lists all problems, one a line. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(subject: string, problems: readonly string[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super([`${subject} has ${count}:`, ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
