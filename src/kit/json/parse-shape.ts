/** Parses JSON from outside with a schema. */

import { z } from 'zod';

/** Why such a value is refused. */
export const UNCOMPARABLE = 'has a member that cannot be compared';

/**
 * Parses a value as zod's `safeParse` does, also if it is made to break the schema: zod compares the `length` of a value
 * that has the wrong type, and a `length` such as `{"toString":1}` cannot be compared (zod 4.6, `$ZodCheckMaxLength`).
 */
export function parseShape<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const unmatched = new z.ZodError([{ code: 'custom', path: [], message: UNCOMPARABLE, input: undefined }]);
    return { success: false, error: unmatched as z.ZodError<T> };
  }
}
