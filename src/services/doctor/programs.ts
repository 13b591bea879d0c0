/** Whether the programs fit the data: what their templates ask of an export, and what they write back. */

import { DATA_HASH_ATTRIBUTE } from '../../domain/jobs/pass-job.ts';
import type { Program, Template } from '../../domain/jobs/program.ts';
import { openFile } from '../../sources/open-file.ts';
import { faultOfSource } from '../campaigns/files/campaign-file.ts';
import { about, type Finding } from './finding.ts';

interface LookOptions {
  programs: readonly Program[];
  /** An export to compare with. */
  file: string | undefined;
  idTypes: readonly string[];
}

/** Reads no more of the export than what tells its columns. */
export async function lookAtPrograms({ programs, file, idTypes }: LookOptions): Promise<Finding[]> {
  const { info, error } = about('templates');
  if (file === undefined) {
    return [
      info(
        'not compared with an export',
        'Compare the templates with one: passbridge doctor --file export.csv',
      ),
      writeBackFinding(programs, []),
    ];
  }
  try {
    const { attributes } = await openFile(file, { idTypes });
    return attributes === undefined
      ? [
          info(`each row of ${file} names its own attributes`, 'See what becomes of them: --dry-run.'),
          writeBackFinding(programs, []),
        ]
      : [...templateFindings(programs, attributes), writeBackFinding(programs, attributes)];
  } catch (thrown) {
    const fault = faultOfSource(thrown);
    if (fault === undefined) throw thrown;
    return [error(fault), writeBackFinding(programs, [])];
  }
}

const sections = ['create', 'update', 'notify'] as const;

/** A finding for each section that mentions attributes that are no columns. */
export function templateFindings(programs: readonly Program[], columns: readonly string[]): Finding[] {
  const found = programs.flatMap((program) =>
    sections.flatMap((section) => lacksOf(`${program.name}.${section}`, program[section], columns)),
  );
  return found.length > 0 ? found : [about('templates').ok('the export has what the templates use')];
}

function lacksOf(place: string, template: Template | undefined, columns: readonly string[]): Finding[] {
  const { info, warning } = about('templates');
  const needed = absent(template?.needs ?? [], columns);
  if (needed.length > 0) {
    return [
      warning(
        `${place} needs what the export has no column for: ${needed.join(', ')}`,
        `Add it to the export, or allow it to be absent: {{ customer.${needed[0]} | default('') }}.`,
      ),
    ];
  }
  const used = absent(template?.uses ?? [], columns);
  return used.length > 0
    ? [info(`${place} gets along without what the export has no column for: ${used.join(', ')}`)]
    : [];
}

/**
 * Nobody's API tells which attributes are defined: what is a column of an export is, and the rest
 * has to be looked up.
 */
export function writeBackFinding(programs: readonly Program[], columns: readonly string[]): Finding {
  const { ok, info } = about('write-back-attributes');
  const unseen = absent([...new Set(programs.flatMap((program) => program.writesBack))], columns);
  if (unseen.length === 0) return ok('the export has every attribute that is written back');
  return info(
    `whether Bloomreach knows these attributes cannot be asked: ${unseen.join(', ')}`,
    'Look at Data & Assets > Data manager > Customer properties, and add those that are not there' +
      ` (with --changed-only also ${DATA_HASH_ATTRIBUTE}).`,
  );
}

function absent(names: readonly string[], columns: readonly string[]): string[] {
  return names.filter((name) => !columns.includes(name));
}
