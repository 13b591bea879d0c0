/**
 * How much data one customer may have, whichever way it arrives: in a webhook, in an event, in a request meant for
 * Passmachine, or as a row of an export. A larger customer is refused, and the others continue.
 */

/**
 * Bytes of one customer as JSON or as a row of text. Customers have a few hundred. Ten of this size at once, as many as
 * Bloomreach sends, are stored while small ones are still answered in time; ten of 1 MB are not.
 */
export const MAX_CUSTOMER_BYTES = 262_144;

/** Levels of nested lists and objects. */
export const MAX_CUSTOMER_DEPTH = 32;

/** Characters of one customer id: more than an e-mail address may have. */
export const MAX_ID_LENGTH = 256;

/** The problem of a customer above {@link MAX_CUSTOMER_BYTES}, to follow its name. */
export const tooManyBytes = `is larger than ${MAX_CUSTOMER_BYTES} bytes; send only the attributes that the program uses`;

const tooDeep = `is nested more than ${MAX_CUSTOMER_DEPTH} levels deep`;

/**
 * Returns why a customer's parsed data is too much, to follow its name; undefined within the limits. Stops at the limit,
 * so that it costs no more for larger data. Escapes and white space do not count.
 */
export function problemOfSize(data: unknown): string | undefined {
  // Counting the bytes of a text takes ten times as long as reading its length, and most customers are small.
  const roughly = problemBy(data, (text) => text.length * MAX_UTF8_BYTES);
  return roughly === tooManyBytes ? problemBy(data, Buffer.byteLength) : roughly;
}

/** Of one UTF-16 unit. */
const MAX_UTF8_BYTES = 3;

function problemBy(data: unknown, sizeOf: (text: string) => number): string | undefined {
  let left = MAX_CUSTOMER_BYTES;
  const problemIn = (value: unknown, levels: number): string | undefined => {
    if (typeof value !== 'object' || value === null) {
      left -= typeof value === 'string' ? sizeOf(value) + 2 : String(value).length;
    } else if (levels === 0) {
      return tooDeep;
    } else if (Array.isArray(value)) {
      left -= 2;
      for (let index = 0; index < value.length && left >= 0; index += 1) {
        left -= 1;
        const problem = problemIn(value[index], levels - 1);
        if (problem !== undefined) return problem;
      }
    } else {
      left -= 2;
      for (const name in value) {
        left -= sizeOf(name) + 4;
        const problem = problemIn((value as Record<string, unknown>)[name], levels - 1);
        if (problem !== undefined) return problem;
      }
    }
    return left < 0 ? tooManyBytes : undefined;
  };
  return problemIn(data, MAX_CUSTOMER_DEPTH);
}

/** Returns why a text is too long for a customer id, to follow the name of its type; undefined for a possible id. */
export function problemOfId(id: string): string | undefined {
  return id.length > MAX_ID_LENGTH
    ? `has ${id.length} characters; the longest id has ${MAX_ID_LENGTH}`
    : undefined;
}
