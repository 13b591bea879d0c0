/** Who a user of an OpenID Connect provider is: the only claims that identify one are `iss` and `sub` (Core 1.0, 5.7). */

export interface SsoIdentity {
  issuer: string;
  subject: string;
}

type Claims = Readonly<Record<string, unknown>>;

/** `sub` is at most 255 ASCII characters (OpenID Connect Core 1.0, 2). */
const SUBJECT = /^[\x21-\x7e]{1,255}$/;

/** No colon, so that an address never looks like the name of a user without one. At most 254 characters (RFC 5321). */
const EMAIL = /^[^\s:@\p{C}]{1,64}@[^\s:@\p{C}]{1,189}$/u;

/** Returns the identity behind the claims of an id token; undefined if they have no usable subject. */
export function identityOf({ sub }: Claims, issuer: string): SsoIdentity | undefined {
  return typeof sub === 'string' && SUBJECT.test(sub) ? { issuer, subject: sub } : undefined;
}

/**
 * Returns the name under which the user acts: `sso:` and the e-mail address if the provider has verified it, otherwise
 * the provider and the subject, e.g. `sso:login.example.com:248289761001`. Users may choose every other claim. The
 * prefix keeps the names apart from those of the operators file, which have no colon.
 */
export function nameOf(claims: Claims, { issuer, subject }: SsoIdentity): string {
  const { email, email_verified: verified } = claims;
  // AWS Cognito sends a text.
  const isVerified = verified === true || verified === 'true';
  if (isVerified && typeof email === 'string' && EMAIL.test(email)) return `sso:${email.toLowerCase()}`;
  return `sso:${new URL(issuer).host}:${subject}`;
}
