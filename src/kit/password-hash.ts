/** Passwords as they may lie in a file: hashed by scrypt, with what it takes to check one. */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** 64 MB and a quarter of a second; OWASP's least is N = 2^17 with p = 1, or N = 2^16 with p = 2. */
const COST = { N: 2 ** 16, r: 8, p: 2 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** What a hash out of a file may cost at most. */
const MOST_MEMORY = 512 * 1024 * 1024;

interface Parsed {
  cost: typeof COST;
  salt: Buffer;
  key: Buffer;
}

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** `scrypt:N:r:p:salt:key`, the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await deriveKey(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join(':');
}

/** Takes as long for a wrong password as for the right one. False for a hash that cannot be read. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parseHash(hash);
  if (parsed === undefined) return false;
  const { cost, salt, key } = parsed;
  return timingSafeEqual(await deriveKey(password, salt, cost), key);
}

/** Whether a text is a hash of {@link hashPassword}. */
export function isPasswordHash(text: string): boolean {
  return parseHash(text) !== undefined;
}

function parseHash(hash: string): Parsed | undefined {
  const [kind, N, r, p, salt = '', key = ''] = hash.split(':');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const parsed = { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
  const isSound = Object.values(cost).every((value) => Number.isInteger(value) && value > 0);
  // scrypt takes powers of two only.
  const isPower = Number.isInteger(Math.log2(cost.N)) && cost.N > 1;
  if (kind !== 'scrypt' || !isSound || !isPower) return undefined;
  if (parsed.salt.length === 0 || parsed.key.length !== KEY_BYTES) return undefined;
  return 128 * cost.N * cost.r * cost.p <= MOST_MEMORY ? parsed : undefined;
}

/** Unicode has several forms of one character, and keyboards differ in which they send. */
function deriveKey(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  return derive(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: MOST_MEMORY });
}
