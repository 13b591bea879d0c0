/** Compares two versions of the programs file on an export. */

import { diffPrograms } from '../../campaign/program-diff.ts';
import { differs, type ProgramDiff } from '../../domain/campaigns/program-diff.ts';
import type { Program } from '../../domain/jobs/program.ts';
import { systemClock } from '../../kit/clock.ts';
import { didYouMean } from '../../kit/did-you-mean.ts';
import { UserError } from '../../kit/user-error.ts';
import type { Programs } from '../../programs/file/programs.ts';
import { type ExportFile, openExport, refusedExport } from './files/export-file.ts';

/** What a change of the programs file does to the cards of an export. */
export interface FileDiff {
  /** Whether it does anything. */
  differs: boolean;
  /** Names of programs that only the new file, or only the old one, has. */
  added: string[];
  removed: string[];
  /** Of the programs that both files have. */
  programs: ({ program: string } & ProgramDiff)[];
}

interface CompareOptions extends ExportFile {
  before: Programs;
  after: Programs;
  /** Compares this program only. */
  only: string | undefined;
}

/** Throws a {@link UserError} if no file has the program, or if the export cannot be read. */
export async function comparePrograms({ before, after, only, ...file }: CompareOptions): Promise<FileDiff> {
  const names = [...new Set([...before.keys(), ...after.keys()])].filter((name) => (only ?? name) === name);
  if (only !== undefined && names.length === 0) {
    const known = [...new Set([...before.keys(), ...after.keys()])];
    throw new UserError(
      'INVALID_CAMPAIGN',
      `Neither file has a program ${only}${didYouMean(only, known) || '.'} They have: ${known.join(', ')}.`,
    );
  }
  const now = systemClock();
  const compare = async (program: string, versions: { before: Program; after: Program }) => {
    const source = await openExport(file);
    return { program, ...(await diffPrograms(source, { ...versions, now })) };
  };
  const programs: FileDiff['programs'] = [];
  for (const name of names) {
    const [older, newer] = [before.get(name), after.get(name)];
    if (older === undefined || newer === undefined) continue;
    const diff = await compare(name, { before: older, after: newer }).catch((error: unknown) => {
      throw refusedExport(error, 'INVALID_CAMPAIGN');
    });
    programs.push(diff);
  }
  const added = names.filter((name) => !before.has(name));
  const removed = names.filter((name) => !after.has(name));
  return { differs: added.length + removed.length > 0 || programs.some(differs), added, removed, programs };
}
