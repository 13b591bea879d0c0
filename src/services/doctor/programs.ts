/** Checks the programs file: credentials in it, templates against an export, and write-back attributes. */

import { basename } from 'node:path';
import { DATA_HASH_ATTRIBUTE } from '../../domain/jobs/pass-job.ts';
import type { Program, Template } from '../../domain/jobs/program.ts';
import { isPlaceholder } from '../../programs/preset/adapt.ts';
import { type ExportFile, exportProblem, openExport } from '../campaigns/files/export-file.ts';
import { type Finding, findingsOf } from './check.ts';

interface ProgramsFileText {
  path: string;
  text: string;
  programs: readonly Program[];
  /** Credentials that the file must not contain. */
  secrets: readonly string[];
}

/** A shorter secret could be a word of a template. */
const MIN_SECRET_LENGTH = 8;

/** Finds mistakes that the schema accepts: credentials of this installation, and the guide's placeholder id. */
export function programsFileFindings({ path, text, programs, secrets }: ProgramsFileText): Finding[] {
  const { ok, warning } = findingsOf('programs-file');
  const name = basename(path);
  const searched = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  const lines = text
    .split('\n')
    .flatMap((line, index) => (searched.some((secret) => line.includes(secret)) ? [index + 1] : []));
  const unfilled = programs.filter(({ templateId }) => isPlaceholder(templateId));
  const found = [
    ...lines.map((line) =>
      warning(
        `line ${line} of ${name} contains one of your credentials`,
        'Remove it: templates need none, and a source refers to a variable as $NAME. Then replace the credential, because it has been exposed.',
      ),
    ),
    ...unfilled.map((program) =>
      warning(
        `the templateId of ${program.name} is the guide's placeholder`,
        `Put the id of your card template at Passmachine into ${name}.`,
      ),
    ),
  ];
  return found.length > 0 ? found : [ok(`${name} is valid and contains no credentials`)];
}

interface CompareOptions extends Omit<ExportFile, 'file'> {
  programs: readonly Program[];
  /** An export to compare with. */
  file: string | undefined;
}

/** Compares the programs with the columns of an export; reads no more of it than needed. */
export async function checkPrograms({ programs, file, ...format }: CompareOptions): Promise<Finding[]> {
  const { ok, error } = findingsOf('templates');
  if (file === undefined) {
    return [
      ok(
        'not compared with an export',
        'To compare the templates with an export: passbridge doctor --file export.csv',
      ),
      writeBackFinding(programs, []),
    ];
  }
  try {
    const { attributes } = await openExport({ file, ...format });
    return attributes === undefined
      ? [
          ok(
            `not compared: each row of ${file} has its own attributes`,
            'To check every row, start a campaign with --dry-run.',
          ),
          writeBackFinding(programs, []),
        ]
      : [...templateFindings(programs, attributes), writeBackFinding(programs, attributes)];
  } catch (thrown) {
    const fault = exportProblem(thrown);
    if (fault === undefined) throw thrown;
    return [error(fault), writeBackFinding(programs, [])];
  }
}

const sections = ['create', 'update', 'notify'] as const;

/** Returns a finding for each section that uses attributes without a column. */
export function templateFindings(programs: readonly Program[], columns: readonly string[]): Finding[] {
  const found = programs.flatMap((program) =>
    sections.flatMap((section) => missingColumns(`${program.name}.${section}`, program[section], columns)),
  );
  return found.length > 0
    ? found
    : [findingsOf('templates').ok('the export has all columns that the templates use')];
}

function missingColumns(
  location: string,
  template: Template | undefined,
  columns: readonly string[],
): Finding[] {
  const { ok, warning } = findingsOf('templates');
  const needed = without(template?.needs ?? [], columns);
  if (needed.length > 0) {
    return [
      warning(
        `${location} needs columns that the export lacks: ${needed.join(', ')}`,
        `Add them to the export, or allow them to be absent: {{ customer.${needed[0]} | default('') }}.`,
      ),
    ];
  }
  const used = without(template?.uses ?? [], columns);
  return used.length > 0
    ? [ok(`${location} uses columns that the export lacks, and has defaults for them: ${used.join(', ')}`)]
    : [];
}

/**
 * Bloomreach has no API that lists the defined attributes: those in the export exist, the others must
 * be looked up.
 */
export function writeBackFinding(programs: readonly Program[], columns: readonly string[]): Finding {
  const { ok } = findingsOf('write-back-attributes');
  const unseen = without([...new Set(programs.flatMap((program) => program.writesBack))], columns);
  if (unseen.length === 0) return ok('the export has all attributes that are written back');
  return ok(
    `cannot be checked automatically: ${unseen.join(', ')}`,
    'Make sure that they exist under Data & Assets > Data manager > Customer properties' +
      ` (with --changed-only also ${DATA_HASH_ATTRIBUTE}).`,
  );
}

function without(names: readonly string[], columns: readonly string[]): string[] {
  return names.filter((name) => !columns.includes(name));
}
