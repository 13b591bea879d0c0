/** A program made again of what the programs file once said of it. */

import type { Json, Program } from '../../domain/jobs/program.ts';
import { compileProgram } from './program.ts';
import { makeProgramRenderer } from '../template/program-renderer.ts';
import { programShape } from './program-shape.ts';

/** Undefined for what no longer is a program: it was written by another version of passbridge. */
export function programOfSource(name: string, source: Json): Program | undefined {
  const shaped = programShape.safeParse(source);
  if (!shaped.success) return undefined;
  const compiled = compileProgram(makeProgramRenderer(), name, shaped.data);
  return compiled.ok ? compiled.program : undefined;
}
