import { describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword, isPasswordHash } from '../../src/kit/password-hash.ts';
import { cheapHash } from '../web/auth/cheap-hash.ts';

describe('a password hash', () => {
  it('matches only its password and differs each time', async () => {
    const [one, another] = [await hashPassword('žluťoučký kůň'), await hashPassword('žluťoučký kůň')];
    expect(one).not.toBe(another);
    expect(one).not.toContain('ů');
    // The same characters in another Unicode form.
    expect(await verifyPassword('žluťoučký kůň'.normalize('NFD'), one)).toBe(true);
    expect(await verifyPassword('žluťoučký kuň', one)).toBe(false);
    expect(await verifyPassword('', one)).toBe(false);
  });

  it('is verified with the cost it was made with', async () => {
    const cheap = cheapHash('correct horse battery');
    expect(await verifyPassword('correct horse battery', cheap)).toBe(true);
    expect(await verifyPassword('wrong', cheap)).toBe(false);
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
  ])('is rejected if malformed: %s', async (hash) => {
    expect(isPasswordHash(hash)).toBe(false);
    expect(await verifyPassword('any', hash)).toBe(false);
  });
});
