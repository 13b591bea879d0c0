/**
 * 0: every row ended well or was skipped; 1: some did not, the audit is broken, or the doctor found an error; 2: bad usage, configuration or input,
 * and nothing was sent; 130: interrupted before the end.
 */
export type ExitCode = 0 | 1 | 2 | 130;
