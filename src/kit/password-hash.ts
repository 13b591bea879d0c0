/** Password hashes for storage in a file: scrypt, with the parameters and salt needed to verify a password. */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** Takes 64 MB and 250 ms. OWASP's minimum is N = 2^17 with p = 1, or N = 2^16 with p = 2. */
const COST = { N: 2 ** 16, r: 8, p: 2 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Limits the memory that a hash read from a file may demand. */
const MAX_MEMORY_BYTES = 512 * 1024 * 1024;

interface Parsed {
  cost: typeof COST;
  salt: Buffer;
  key: Buffer;
}

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** Returns `scrypt:N:r:p:salt:key`, with salt and key in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await deriveKey(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join(':');
}

/** Compares in constant time. Returns false for a malformed hash. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parseHash(hash);
  if (parsed === undefined) return false;
  const { cost, salt, key } = parsed;
  return timingSafeEqual(await deriveKey(password, salt, cost), key);
}

/** Returns a hash that no password matches and that takes as long to verify as the given one. */
export function unmatchableHash(hash: string): string {
  const [kind, N, r, p] = hash.split(':');
  const [salt, key] = [randomBytes(SALT_BYTES), randomBytes(KEY_BYTES)];
  return [kind, N, r, p, salt.toString('base64url'), key.toString('base64url')].join(':');
}

/** Returns whether a text is a hash made by {@link hashPassword}. */
export function isPasswordHash(text: string): boolean {
  return parseHash(text) !== undefined;
}

function parseHash(hash: string): Parsed | undefined {
  const [kind, N, r, p, salt = '', key = ''] = hash.split(':');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const parsed = { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
  const isPositive = Object.values(cost).every((value) => Number.isInteger(value) && value > 0);
  // scrypt accepts only powers of two.
  const isPower = Number.isInteger(Math.log2(cost.N)) && cost.N > 1;
  if (kind !== 'scrypt' || !isPositive || !isPower) return undefined;
  if (parsed.salt.length === 0 || parsed.key.length !== KEY_BYTES) return undefined;
  return 128 * cost.N * cost.r * cost.p <= MAX_MEMORY_BYTES ? parsed : undefined;
}

/** Normalizes first: keyboards differ in the Unicode form that they send for one character. */
function deriveKey(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  return derive(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: MAX_MEMORY_BYTES });
}
