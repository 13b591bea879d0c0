import { describe, expect, it } from 'vitest';
import {
  compareCustomers,
  findMember,
  problemOfPassId,
  textAt,
  withoutMembers,
} from '../../../src/domain/jobs/card-proof.ts';

describe('a card id', () => {
  it.each(['3f0c5f1e-8b1f-4f5e-9c52-2a8f4f7c2c11', '4001', '9007199254740993', 'p_1', 'a.b:c~d'])(
    'may be %s',
    (passId) => {
      expect(problemOfPassId(passId)).toBeUndefined();
    },
  );

  it.each([
    ['', 'is empty'],
    ['9.00719925474099E+15', 'scientific notation'],
    ['9,00719925474099E+15', 'scientific notation'],
    ['https://cards.example.com/p-1', 'is a link'],
    ['p 1', 'a character other than'],
    ['{{ webhook.data.id }}', 'a character other than'],
    ['../p-1', 'a character other than'],
    ['..', 'is a dot segment'],
    ['"p-1"', 'a character other than'],
    ['p\u00A0', 'a character other than'],
    ['x'.repeat(201), 'more than 200'],
  ])('is refused: %s', (passId, problem) => {
    expect(problemOfPassId(passId)).toContain(problem);
  });
});

it.each([
  [{ registered: 'c-1' }, { registered: 'c-1', cookie: 'k' }, 'same'],
  [{ registered: 'c-1' }, { registered: 'C-1' }, 'different'],
  [{ registered: 'c-1', email: 'a' }, { registered: 'c-1', email: 'b' }, 'different'],
  [{ registered: 'c-1' }, { email: 'a' }, 'unknown'],
  [{}, { registered: 'c-1' }, 'unknown'],
])('compares %j with %j: %s', (ids, others, result) => {
  expect(compareCustomers(ids, others)).toBe(result);
});

const keys = new Set(['passbridge_job']);

it.each([
  [{ metadata: { passbridge_job: 'j' } }, 'j'],
  [{ 'metadata.passbridge_job': 'j' }, 'j'],
  [{ passbridge_job: 'j' }, 'j'],
  [{ pass: [{ metadata: { passbridge_job: 'j' } }] }, 'j'],
  [{ passbridge_job: '', more: { passbridge_job: 'j' } }, 'j'],
  [{ passbridge_job: 7 }, undefined],
  [{ passbridge_jobs: 'j' }, undefined],
])('finds the job in %j', (properties, job) => {
  expect(findMember(properties, keys)).toBe(job);
});

it.each([
  [{ a: 1, metadata: { passbridge_job: 'j' } }, { a: 1 }],
  [
    { a: 1, metadata: { passbridge_job: 'j', b: 2 } },
    { a: 1, metadata: { b: 2 } },
  ],
  [
    { a: {}, list: [{ 'metadata.passbridge_job': 'j', c: [] }] },
    { a: {}, list: [{ c: [] }] },
  ],
  [{ a: { b: { passbridge_job: 'j' } } }, {}],
])('removes the job from %j', (properties, rest) => {
  expect(withoutMembers(properties, keys)).toEqual(rest);
});

it.each([
  [{ pass_id: 'p' }, 'p'],
  [{ pass: { id: ' p ' } }, 'p'],
  [{ 'pass.id': 'p' }, 'p'],
  [{ pass_id: '', pass: { id: 4001 } }, '4001'],
  [{ pass_id: 1.5 }, undefined],
  [{ pass: 'p' }, undefined],
  [{}, undefined],
])('reads the card id of %j', (properties, passId) => {
  expect(textAt(properties, ['pass_id', 'pass.id'])).toBe(passId);
});
