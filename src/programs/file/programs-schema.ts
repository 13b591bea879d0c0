/** The shape of the programs file as a JSON Schema, by which editors complete and check it. */

import { z } from 'zod';
import { programsShape } from './program-shape.ts';

/** Draft 2020-12. What templates, crons and conditions say is judged when the file is read. */
export function programsSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(programsShape, { io: 'input', unrepresentable: 'any' });
  const about = {
    title: 'programs.yaml of passbridge',
    description: 'Card programs, where exports come from, and campaigns that start by themselves.',
  };
  return `${JSON.stringify({ $schema, ...about, ...schema }, null, 2)}\n`;
}
