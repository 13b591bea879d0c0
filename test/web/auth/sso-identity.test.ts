import { describe, expect, it } from 'vitest';
import { OPERATOR_NAME } from '../../../src/config/operators.ts';
import { identityOf, nameOf } from '../../../src/web/auth/sso-identity.ts';

const issuer = 'https://login.example.com/realm';
const identity = { issuer, subject: '2482-89' };
const BY_SUBJECT = 'sso:login.example.com:2482-89';

describe('the identity of a user of a provider', () => {
  it('is the issuer and the subject', () => {
    expect(identityOf({ sub: '2482-89', email: 'a@b.example' }, issuer)).toEqual(identity);
  });

  it.each([undefined, '', 7, 'two words', 'žofie', 'x'.repeat(256), 'line\nbreak'])(
    'is refused with the subject %j',
    (sub) => {
      expect(identityOf({ sub, email: 'a@b.example', email_verified: true }, issuer)).toBeUndefined();
    },
  );
});

describe('the name of a user of a provider', () => {
  it('is a verified e-mail address with a prefix', () => {
    expect(nameOf({ email: 'Iva@House.example', email_verified: true }, identity)).toBe(
      'sso:iva@house.example',
    );
    expect(nameOf({ email: 'iva@house.example', email_verified: 'true' }, identity)).toBe(
      'sso:iva@house.example',
    );
  });

  it.each([
    { email: 'admin', email_verified: true },
    { email: 'boss@house.example' },
    { email: 'boss@house.example', email_verified: false },
    { email: 'boss@house.example', email_verified: 'false' },
    { email: '', email_verified: true },
    { email: `${'x'.repeat(100_000)}@house.example`, email_verified: true },
    { email: 'login.example.com:1@house.example', email_verified: true },
    { email: 'a\u202E@house.example', email_verified: true },
    { preferred_username: 'admin', name: 'admin' },
  ])('is the subject for other claims: %#', (claims) => {
    expect(nameOf(claims, identity)).toBe(BY_SUBJECT);
  });

  it('is never the name of an operator in the file', () => {
    expect(OPERATOR_NAME.test(BY_SUBJECT)).toBe(false);
    expect(OPERATOR_NAME.test('sso:iva@house.example')).toBe(false);
  });
});
