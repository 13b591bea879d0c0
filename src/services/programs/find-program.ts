/** Finds the program of a campaign in the version with which the campaign was started. */

import type { Program } from '../../domain/jobs/program.ts';
import { makeLru } from '../../kit/lru.ts';
import { recompileProgram } from '../../programs/file/program.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { Stores } from '../stores.ts';

/**
 * Finds a program by its name in the current programs file, or in the version named by a campaign.
 * Returns undefined for an unknown name, and for a version that is no longer stored.
 */
export type FindProgram = (name: string, version?: string) => Promise<Program | undefined>;

/** Old versions that stay compiled. */
const MAX_CACHED = 50;

/** `file` is read on each call, because its programs are replaced on reload. */
export function makeFindProgram(
  file: Pick<ProgramsFile, 'programs'>,
  { programVersions }: Pick<Stores, 'programVersions'>,
): FindProgram {
  const cache = makeLru<string, Promise<Program | undefined>>(MAX_CACHED);

  const compile = async (name: string, version: string) => {
    const source = await programVersions.find(version);
    return source === undefined ? undefined : recompileProgram(name, source);
  };

  return async (name, version) => {
    const current = file.programs.get(name);
    if (version === undefined || version === current?.version) return current;
    const key = `${name} ${version}`;
    const cached = cache.get(key);
    if (cached !== undefined) return cached;
    const found = compile(name, version);
    cache.set(key, found);
    // A version that is missing, or that cannot be read while Redis is down, may be found later.
    found.then(
      (program) => program ?? cache.delete(key),
      () => cache.delete(key),
    );
    return found;
  };
}
