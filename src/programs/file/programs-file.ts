/** The programs file as text. */

import { readFileSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';

/** Throws a {@link ConfigError} where it cannot be read. */
export function readProgramsFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const problem =
      why === 'ENOENT'
        ? `${file} does not exist: passbridge init writes one, or set PROGRAMS_FILE`
        : `${file} cannot be read (${why})`;
    throw new ConfigError('The programs file', [problem]);
  }
}
