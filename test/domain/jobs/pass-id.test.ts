import { describe, expect, it } from 'vitest';
import { unsafePassId } from '../../../src/domain/jobs/pass-id.ts';

describe('a card id in an address', () => {
  it.each(['p-1', 'a.b', '...', 'a..b', '12345', 'a:b~c', '100%', 'ž', 'a b', '🎫', 'p'.repeat(200)])(
    'may be %s',
    (passId) => {
      expect(unsafePassId(passId)).toBeUndefined();
    },
  );

  it.each([
    '',
    '  ',
    '.',
    '..',
    ' .. ',
    '%2e',
    '%2E%2e',
    '.%2e',
    '%252e%252e',
    '../../accounts',
    'p-1/../p-2',
    'p-1/',
    '..\\p-2',
    'p%2F..',
    'p%5c..',
    'p%252f..',
    '%25252525252e',
    'p-1\r\nx: y',
    'p\u00001',
    'p\u00851',
    'p%0d%0a1',
    'p%250A1',
    'p\ud8001',
    'p'.repeat(201),
  ])('must not be %j', (passId) => {
    expect(unsafePassId(passId)).toEqual(expect.any(String));
  });
});
