/** The program that a campaign works by: the one that it started with, whatever the file says by now. */

import { programOfSource } from '../../programs/file/program-source.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { Program } from '../../domain/jobs/program.ts';
import type { Stores } from '../stores.ts';

/**
 * By its name, as the programs file has it now, or in a version that a campaign names. Undefined for
 * a name that the file does not have, and for a version that nobody kept.
 */
export type FindProgram = (name: string, version?: string) => Promise<Program | undefined>;

/** Versions that are held compiled; the others are compiled anew. */
const MOST_HELD = 50;

/** `file`: its members are looked at each time. */
export function makeFindProgram(
  file: Pick<ProgramsFile, 'programs'>,
  { programVersions }: Pick<Stores, 'programVersions'>,
): FindProgram {
  const held = new Map<string, Promise<Program | undefined>>();

  const compiled = async (name: string, version: string) => {
    const source = await programVersions.find(version);
    return source === undefined ? undefined : programOfSource(name, source);
  };

  return async (name, version) => {
    const current = file.programs.get(name);
    if (version === undefined || version === current?.version) return current;
    const key = `${name} ${version}`;
    const known = held.get(key);
    if (known !== undefined) return known;
    const oldest = held.keys().next().value;
    if (held.size >= MOST_HELD && oldest !== undefined) held.delete(oldest);
    const found = compiled(name, version);
    held.set(key, found);
    // What is not there now, or while Redis is away, may be there the next time.
    found.then(
      (program) => program ?? held.delete(key),
      () => held.delete(key),
    );
    return found;
  };
}
