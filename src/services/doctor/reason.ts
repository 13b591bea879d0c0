/** An error in one line. */

/** Its words, behind its code where it has one: a connection refused at several addresses has no words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  const parts = error.message.includes(code) ? [error.message] : [code, error.message];
  return parts.filter((part) => part !== '').join(': ') || error.name;
}
