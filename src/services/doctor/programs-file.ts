/** What a programs file may hold by mistake, and no schema refuses: credentials of this installation, the guide's placeholder. */

import { basename } from 'node:path';
import { isPlaceholder } from '../../programs/preset/adapt.ts';
import type { Program } from '../../domain/jobs/program.ts';
import { about, type Finding } from './finding.ts';

interface LookOptions {
  path: string;
  /** What the file says. */
  text: string;
  programs: readonly Program[];
  /** That the file must not repeat. */
  secrets: readonly string[];
}

/** A shorter one may well be a word of a template, and is easily guessed anyway. */
const SHORTEST_SECRET = 8;

/** A finding for each mistake; lines are named, and what stands there is not repeated. */
export function programsFileFindings({ path, text, programs, secrets }: LookOptions): Finding[] {
  const { ok, warning } = about('programs-file');
  const name = basename(path);
  const sought = secrets.filter(({ length }) => length >= SHORTEST_SECRET);
  const lines = text
    .split('\n')
    .flatMap((line, index) => (sought.some((secret) => line.includes(secret)) ? [index + 1] : []));
  const unfilled = programs.filter(({ templateId }) => isPlaceholder(templateId));
  const found = [
    ...lines.map((line) =>
      warning(
        `line ${line} of ${name} repeats a credential of yours`,
        'Take it out: templates need none, and a source names a variable as $NAME. Have a new one made: this one was written down.',
      ),
    ),
    ...unfilled.map((program) =>
      warning(
        `the templateId of ${program.name} is still the guide's placeholder`,
        `Put the id of your card template at Passmachine into ${name}.`,
      ),
    ),
  ];
  return found.length > 0 ? found : [ok(`${name} can be read, and holds no credential`)];
}
