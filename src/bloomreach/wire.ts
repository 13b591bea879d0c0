/** Bloomreach's answers. Errors come as strings, arrays or objects under three names; all become one line of text. */

import { z } from 'zod';

const errorText = z
  .union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())])
  .transform((value) => (typeof value === 'string' ? value : JSON.stringify(value)));

const anyError = z.object({
  errors: errorText.optional(),
  error: errorText.optional(),
  message: errorText.optional(),
});

const batchAnswer = z.object({
  results: z.array(
    z.object({
      success: z.boolean(),
      command_id: z.string().optional(),
      errors: errorText.optional().catch(undefined),
    }),
  ),
});

interface CommandResult {
  success: boolean;
  errors?: string | undefined;
}

/** The results of a batch by `command_id`; empty where the answer cannot be read. */
export function readBatchAnswer(text: string): Map<string, CommandResult> {
  const read = batchAnswer.safeParse(parse(text));
  const results = read.success ? read.data.results : [];
  return new Map(
    results.flatMap((result) => (result.command_id === undefined ? [] : [[result.command_id, result]])),
  );
}

const exportAnswer = z.object({ success: z.unknown(), data: z.array(z.unknown()).optional() });

/** A whole answer to an export; undefined where it is no JSON object, which a CSV is not. */
export function readExportAnswer(text: string): z.infer<typeof exportAnswer> | undefined {
  const read = exportAnswer.safeParse(parse(text));
  return read.success ? read.data : undefined;
}

/** The error of a failed call, from whichever field holds it; the raw text where none does. */
export function readError(text: string): string {
  const read = anyError.safeParse(parse(text));
  const error = read.success ? (read.data.errors ?? read.data.error ?? read.data.message) : undefined;
  return error ?? text.trim();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
