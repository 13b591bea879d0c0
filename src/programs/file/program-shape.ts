/** The shape of the programs file. Its templates are checked when they are compiled. */

import { z } from 'zod';
import { findHiddenCharacter } from '../../kit/hidden-character.ts';
import { cardTypes, JOB_ID_KEY, type Json } from '../../domain/jobs/program.ts';
import { previewKeysAt, previewShape } from './preview-shape.ts';
import { scheduleKeysAt, schedulesShape } from './schedule-shape.ts';
import { sourceKeysAt, sourceShape } from './source-shape.ts';

const json: z.ZodType<Json> = z.json();

const NAME = /^[A-Za-z][\w-]{0,63}$/;
const NAME_RULE = 'must start with a letter and have at most 64 letters, digits, - and _';

/** Program names become part of job ids and URLs. */
const programName = z.string().regex(NAME, `a program name ${NAME_RULE}`);

const templateId = z
  .string()
  .min(1, 'is empty')
  .superRefine((value, context) => {
    const hidden = findHiddenCharacter(value);
    if (hidden === undefined) return;
    const message = `has an invisible character at position ${hidden.position}: ${hidden.name}`;
    context.addIssue({ code: 'custom', message });
  });

/** The guide's create body. */
const createShape = z.strictObject({
  templateId: templateId.optional().describe('The same as the program’s templateId.'),
  templateVariables: z.record(z.string(), json).describe('What the card shows. Texts may contain Jinja.'),
  metadata: z
    .record(z.string(), json)
    .optional()
    .describe('Data that Passmachine stores with the card, e.g. the customer’s id.'),
});

/** One operation of a JSON Patch (RFC 6902), of the kinds that Passmachine is known to accept. */
const operationShape = z
  .strictObject({
    op: z.enum(['add', 'replace', 'remove']).describe('The change to the value at the path.'),
    path: z
      .string()
      .regex(/^\//, 'must start with /, e.g. /templateVariables/fieldValue')
      .describe('JSON Pointer, e.g. /templateVariables/fieldValue.'),
    value: json.optional().describe('The new value. Texts may contain Jinja.'),
  })
  .refine(({ op, value }) => op === 'remove' || value !== undefined, {
    path: ['value'],
    message: 'is missing',
  });

const patchShape = z.array(operationShape).min(1, 'needs at least one operation');

/** Bloomreach accepts no other attribute names. */
const attributeName = z.string().regex(/^[\x20-\x7E]+$/, 'an attribute name can have ASCII characters only');

export const programShape = z.strictObject({
  card: z.enum(cardTypes).describe('The card type.'),
  templateId: templateId.optional().describe('Passmachine’s id of the card template; here or in create.'),
  vouchers: z
    .string()
    .min(1, 'is empty')
    .optional()
    .describe('Path of a file of codes, one per line. Each card gets its own code as {{ voucher }}.'),
  jobIdKey: z
    .union([
      z.literal(false),
      z
        .string()
        .regex(
          /^[A-Za-z_]\w{0,63}$/,
          'must start with a letter or _ and have at most 64 letters, digits and _',
        ),
    ])
    .optional()
    .describe(
      `Member of the card’s metadata that holds the id of its job, by which an event of Passmachine proves that the card exists; false: send none. Default: ${JOB_ID_KEY}.`,
    ),
  create: createShape.describe('The body that creates a card.'),
  update: patchShape
    .optional()
    .describe(
      'JSON Patch that updates a card with current data. Default: replaces every variable of create.',
    ),
  notify: patchShape.optional().describe('JSON Patch that sends a notification, with {{ text }}.'),
  attributes: z
    .record(attributeName, json)
    .optional()
    .describe('Customer attributes to write back after a create. Default: those of the guide.'),
  preview: previewShape
    .optional()
    .describe('How the dashboard draws the card. Nothing of it is sent to Passmachine.'),
});

/** Source names are part of commands, after an @. */
const sourceName = z.string().regex(NAME, `a source name ${NAME_RULE}`);

export const programsShape = z.strictObject({
  programs: z.record(programName, programShape).describe('Card designs, by name.'),
  sources: z
    .record(sourceName, sourceShape)
    .default({})
    .describe('Folders, servers and segments with exports, by name.'),
  schedules: schedulesShape.optional().describe('Campaigns that start automatically, by name.'),
});

/** A program as written in the file. */
export type ProgramSource = z.infer<typeof programShape>;

/** Returns the keys that are allowed at a path of the file, for "did you mean". */
export function keysAt(path: readonly PropertyKey[]): string[] {
  const [chapter, , section] = path;
  if (path.length === 0) return Object.keys(programsShape.shape);
  if (chapter === 'sources') return sourceKeysAt(path.slice(2));
  if (chapter === 'schedules') return scheduleKeysAt(path.slice(1));
  if (path.length === 2) return Object.keys(programShape.shape);
  if (section === 'preview') return previewKeysAt(path.slice(3));
  if (section === 'create') return Object.keys(createShape.shape);
  return section === 'update' || section === 'notify' ? Object.keys(operationShape.shape) : [];
}

/**
 * Returns the JSON Schema (draft 2020-12) of the programs file, with which editors complete and
 * validate it. It does not cover templates, cron expressions and conditions.
 */
export function programsSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(programsShape, { io: 'input', unrepresentable: 'any' });
  const about = {
    title: 'programs.yaml of passbridge',
    description: 'Card programs, sources of exports, and scheduled campaigns.',
  };
  return `${JSON.stringify({ $schema, ...about, ...schema }, null, 2)}\n`;
}
