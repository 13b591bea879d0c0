import { describe, expect, it } from 'vitest';
import { hashPassword, isPassword, isPasswordHash } from '../../src/kit/password-hash.ts';
import { cheapHash } from '../web/auth/cheap-hash.ts';

describe('a hashed password', () => {
  it('is known by the password alone, and is another each time', async () => {
    const [one, another] = [await hashPassword('žluťoučký kůň'), await hashPassword('žluťoučký kůň')];
    expect(one).not.toBe(another);
    expect(one).not.toContain('ů');
    // The same characters, as another keyboard sends them.
    expect(await isPassword('žluťoučký kůň'.normalize('NFD'), one)).toBe(true);
    expect(await isPassword('žluťoučký kuň', one)).toBe(false);
    expect(await isPassword('', one)).toBe(false);
  });

  it('is checked with the costs that it was made with', async () => {
    const cheap = cheapHash('correct horse battery');
    expect(await isPassword('correct horse battery', cheap)).toBe(true);
    expect(await isPassword('wrong', cheap)).toBe(false);
  });

  const [, , , , salt, key] = cheapHash('any').split(':');
  it.each([
    '',
    'correct horse battery',
    `bcrypt:1024:8:1:${salt}:${key}`,
    `scrypt:0:8:1:${salt}:${key}`,
    `scrypt:-2:8:1:${salt}:${key}`,
    `scrypt:1.5:8:1:${salt}:${key}`,
    `scrypt:1000:8:1:${salt}:${key}`,
    `scrypt:1:8:1:${salt}:${key}`,
    `scrypt:1024:8:1::${key}`,
    `scrypt:1024:8:1:${salt}:short`,
    // Half a terabyte.
    `scrypt:${2 ** 32}:128:1:${salt}:${key}`,
  ])('is none, and nothing is a password of it: %s', async (hash) => {
    expect(isPasswordHash(hash)).toBe(false);
    expect(await isPassword('any', hash)).toBe(false);
  });
});
