/** The shape of the programs file. What its templates say is judged when they are compiled. */

import { z } from 'zod';
import { cardTypes, type Json } from '../../domain/jobs/program.ts';
import { scheduleKeysAt, schedulesShape } from './schedule-shape.ts';
import { sourceKeysAt, sourceShape } from './source-shape.ts';

const json: z.ZodType<Json> = z.json();

/** Program names become part of job ids and web addresses. */
const programName = z
  .string()
  .regex(
    /^[A-Za-z][\w-]{0,63}$/,
    'a program name is letters, digits, - and _, at most 64, and starts with a letter',
  );

const templateId = z.string().min(1, 'is empty');

/** The guide's create body. */
const createShape = z.strictObject({
  templateId: templateId.optional().describe('The same as that of the program.'),
  templateVariables: z.record(z.string(), json).describe('What the card shows: Jinja in the texts.'),
  metadata: z
    .record(z.string(), json)
    .optional()
    .describe('What Passmachine keeps with the card: whose it is.'),
});

/** One operation of a JSON Patch (RFC 6902), as far as Passmachine is known to take them. */
const operationShape = z
  .strictObject({
    op: z.enum(['add', 'replace', 'remove']).describe('What is done with the value at the path.'),
    path: z
      .string()
      .regex(/^\//, 'must start with /, e.g. /templateVariables/fieldValue')
      .describe('JSON Pointer, e.g. /templateVariables/fieldValue.'),
    value: json.optional().describe('Jinja in the texts.'),
  })
  .refine(({ op, value }) => op === 'remove' || value !== undefined, {
    path: ['value'],
    message: 'is missing',
  });

const patchShape = z.array(operationShape).min(1, 'needs at least one operation');

/** Bloomreach takes no other attribute names. */
const attributeName = z.string().regex(/^[\x20-\x7E]+$/, 'an attribute name can have ASCII characters only');

export const programShape = z.strictObject({
  card: z.enum(cardTypes).describe('The kind of card.'),
  templateId: templateId.optional().describe('Passmachine’s id of the card template; here or in create.'),
  vouchers: z
    .string()
    .min(1, 'is empty')
    .optional()
    .describe('Path of a file of codes, one a line; each card gets one of its own as {{ voucher }}.'),
  create: createShape.describe('What is sent to make a card.'),
  update: patchShape
    .optional()
    .describe('JSON Patch that fills a card with new data. Absent: every variable of create is set anew.'),
  notify: patchShape.optional().describe('JSON Patch that makes a phone ring, with {{ text }}.'),
  attributes: z
    .record(attributeName, json)
    .optional()
    .describe('What is written back to the customer, by attribute. Absent: the guide’s.'),
});

/** Source names stand in commands, after an @. */
const sourceName = z
  .string()
  .regex(
    /^[A-Za-z][\w-]{0,63}$/,
    'a source name is letters, digits, - and _, at most 64, and starts with a letter',
  );

export const programsShape = z.strictObject({
  programs: z.record(programName, programShape).describe('Card designs, by name.'),
  sources: z.record(sourceName, sourceShape).default({}).describe('Where exports come from, by name.'),
  schedules: schedulesShape.optional().describe('Campaigns that start by themselves, by name.'),
});

/** A program as the file has it. */
export type ProgramSource = z.infer<typeof programShape>;

/** The keys that are allowed at a place in the file, for "did you mean". */
export function keysAt(path: readonly PropertyKey[]): string[] {
  const [chapter, , section] = path;
  if (path.length === 0) return Object.keys(programsShape.shape);
  if (chapter === 'sources') return sourceKeysAt(path.slice(2));
  if (chapter === 'schedules') return scheduleKeysAt(path.slice(1));
  if (path.length === 2) return Object.keys(programShape.shape);
  if (section === 'create') return Object.keys(createShape.shape);
  return section === 'update' || section === 'notify' ? Object.keys(operationShape.shape) : [];
}
