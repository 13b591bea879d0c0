/**
 * Cuts our own credentials out of what another side says: an error page may hold all that it was
 * sent, and what went wrong is kept, shown and exported.
 */

/** What is left in their place. */
const WITHHELD = '[withheld]';

/** Characters: a shorter one would be cut out of words. */
const SHORTEST = 8;

/** The text without any of the secrets, and without what an `Authorization` header said, in whole or in parts. */
export function redact(text: string, secrets: readonly string[], authorization = ''): string {
  let left = text;
  for (const secret of [...partsOf(authorization), ...secrets]) {
    if (secret.length >= SHORTEST) left = left.replaceAll(secret, WITHHELD);
  }
  return left;
}

/** The whole of it first: its parts may stand in it. */
function partsOf(authorization: string): string[] {
  const [, scheme = '', credentials = ''] = /^(\S+) +(.+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return [credentials];
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return [credentials, pair.slice(colon + 1), pair.slice(0, colon)];
}
