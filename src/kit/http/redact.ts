/**
 * Removes our own credentials from response texts: an error page may echo the whole request, and
 * failure details are stored, shown and exported.
 */

const PLACEHOLDER = '[redacted]';

/** In characters. Shorter secrets would match parts of ordinary words. */
const MIN_SECRET_LENGTH = 8;

/** Returns the text without the secrets and without the credentials of an `Authorization` header, whole or in part. */
export function redact(text: string, secrets: readonly string[], authorization = ''): string {
  let redacted = text;
  for (const secret of [...credentialsOf(authorization), ...secrets]) {
    if (secret.length >= MIN_SECRET_LENGTH) redacted = redacted.replaceAll(secret, PLACEHOLDER);
  }
  return redacted;
}

/** The whole value first, because it contains the parts. */
function credentialsOf(authorization: string): string[] {
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S.*)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return [credentials];
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return [credentials, pair.slice(colon + 1), pair.slice(0, colon)];
}
