import { expect, it } from 'vitest';
import { passIdOf } from '../../../src/domain/jobs/pass-job.ts';

it.each([
  ['p-1', 'p-1'],
  ['4001', '4001'],
  // Bloomreach's JSON exports have a text of digits as a number.
  [4001, '4001'],
  ['9007199254740993', '9007199254740993'],
  [1.23e23, undefined],
  [1.5, undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
  [true, undefined],
])('the card id %j is %j', (passmachine_pass_id, passId) => {
  expect(passIdOf({ ids: { registered: 'c-1' }, attributes: { passmachine_pass_id } })).toBe(passId);
});
