/** What the timeline keeps of an event. */

import { expect, it } from 'vitest';
import { describeEvent } from '../../../src/domain/customers/event-detail.ts';

it('keeps words of the wallets and the ids of cards', () => {
  expect(describeEvent({ action: 'added', wallet: 'apple', pass_id: '6f0a-17', ok: true, nested: {} })).toBe(
    'action: added, wallet: apple, pass_id: 6f0a-17, ok: true',
  );
});

it.each([
  ['a name', { name: 'Jana Nováková' }],
  ['a name of one word', { first_name: 'Jana' }],
  ['an e-mail', { email: 'jana@example.com' }],
  ['an e-mail in the place of an id', { pass_id: 'jana@example.com' }],
  ['a phone number', { phone: 420777123456 }],
  ['a phone number as text', { phone: '+420 777 123 456' }],
  ['a link', { link: 'https://cards.example.com/jana' }],
  ['a property that is named after a customer', { 'jana@example.com': 'added' }],
  ['an empty value', { action: '' }],
])('leaves out %s', (_what, properties) => {
  expect(describeEvent(properties)).toBe('');
});
