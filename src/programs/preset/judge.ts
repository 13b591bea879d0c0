/** Whether a program works, with what does not work said of the lines of the pasted file. */

import type { Json } from '../../domain/jobs/program.ts';
import { hasTags } from '../jinja/tags.ts';
import { type BodyProblem, displayPath } from '../template/body.ts';
import { makeProgramRenderer } from '../template/program-renderer.ts';
import { programsShape } from '../file/program-shape.ts';
import { compileProgram } from '../file/program.ts';
import { type Section, templateProblems } from '../template/section.ts';
import { shapeProblems } from '../file/shape-problems.ts';
import { isCollection } from './kind-of-body.ts';
import type { PresetBodies } from './read-preset.ts';
import type { Remark } from './remark.ts';

/** A program as it would stand in the file. */
export type ProgramSketch = Readonly<Record<string, Json>>;

/** Everything that keeps the program from working; empty where it works. */
export function judgeProgram(name: string, program: ProgramSketch, bodies: PresetBodies): Remark[] {
  const where = ({ path: [section = '', ...deeper] }: BodyProblem) => {
    const pasted = bodies.get(section as Section);
    return pasted?.lineOf(deeper) ?? 1;
  };
  return [...jinjaInNames(bodies), ...problemsOf(name, program)].map((problem) => ({
    line: where(problem),
    text: `${displayPath(problem.path)}: ${remedyOf(problem)}`.replace(/^: /, ''),
  }));
}

function problemsOf(name: string, program: ProgramSketch): BodyProblem[] {
  const renderer = makeProgramRenderer();
  const file = { programs: { [name]: program } };
  const shaped = programsShape.safeParse(file, { reportInput: true });
  if (!shaped.success) {
    const found = [...shaped.error.issues.flatMap(shapeProblems), ...templateProblems(renderer, file)];
    return found.map(({ path, problem }) => ({ path: path.slice(2), problem }));
  }
  const source = shaped.data.programs[name];
  const compiled = source && compileProgram(renderer, name, source);
  return compiled === undefined || compiled.ok ? [] : compiled.problems;
}

function remedyOf({ path, problem }: BodyProblem): string {
  if (displayPath(path) === 'create' && problem === 'is missing') {
    return 'is missing: paste the body of the create as well, or name a program that has one with --name';
  }
  if (displayPath(path) === 'templateId') return `${problem}. Say it with --template-id ID`;
  return problem;
}

/** Only values are templates: a name would be sent as it stands. */
function jinjaInNames(bodies: PresetBodies): BodyProblem[] {
  const problems: BodyProblem[] = [];
  const walk = (value: Json, path: readonly (string | number)[]) => {
    if (!isCollection(value)) return;
    const members = Array.isArray(value)
      ? value.map((item, place) => [place, item] as const)
      : Object.entries(value);
    for (const [step, member] of members) {
      const here = [...path, step];
      if (typeof step === 'string' && hasTags(step)) {
        problems.push({
          path: here,
          problem: 'Jinja in a name is not rendered: write the name out, and put the Jinja into the value',
        });
      }
      walk(member, here);
    }
  };
  for (const [section, { value }] of bodies) walk(value, [section]);
  return problems;
}
