/** Hashes a password with a low cost, for tests that do not measure time. */

import { randomBytes, scryptSync } from 'node:crypto';

export function cheapHash(password: string): string {
  const salt = randomBytes(16);
  const key = scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 });
  return `scrypt:1024:8:1:${salt.toString('base64url')}:${key.toString('base64url')}`;
}
