import { describe, expect, it } from 'vitest';
import { isLocalName, isThisMachine } from '../../../src/web/auth/this-machine.ts';

describe('this machine', () => {
  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('is %s', (from) => {
    expect(isThisMachine({}, from)).toBe(true);
  });

  it.each(['10.0.0.7', '192.168.1.1', '::ffff:10.0.0.7', '2001:db8::1', '0.0.0.0', '', undefined])(
    'is not %s',
    (from) => {
      expect(isThisMachine({}, from)).toBe(false);
    },
  );

  it.each(['forwarded', 'x-forwarded-for', 'x-real-ip'])(
    'is none behind a proxy that says so by %s',
    (name) => {
      expect(isThisMachine({ [name]: '127.0.0.1' }, '127.0.0.1')).toBe(false);
      expect(isThisMachine({ [name]: '' }, '127.0.0.1')).toBe(false);
    },
  );

  it.each(['localhost', 'localhost:3000', 'LOCALHOST', '127.0.0.1:3000', '[::1]', '[::1]:3000'])(
    'goes by the name %s',
    (host) => {
      expect(isLocalName(host)).toBe(true);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    'evil.localhost',
    '127.0.0.1.evil.example',
    'localhost:3000@evil.example',
    'localhost:',
    '10.0.0.7',
    '',
    undefined,
  ])('does not go by the name %s', (host) => {
    expect(isLocalName(host)).toBe(false);
  });
});
