/** A value as `.env` has to have it, so that what is read from it is what was written. */

/** Has no meaning in the file anywhere, so that it needs no quotes. */
const PLAIN = /^[\w.,:/@%+=-]+$/;

const quotes = ["'", '"', '`'];

/** Quoted where it has to be; undefined where it holds so many kinds of quotes that no `.env` can. */
export function dotEnvValue(value: string): string | undefined {
  if (PLAIN.test(value)) return value;
  // In double quotes \n would become a line's end.
  const quote = quotes.find((mark) => !value.includes(mark) && (mark !== '"' || !value.includes('\\n')));
  return quote === undefined ? undefined : quote + value + quote;
}
