/** Which failures share a cause. */

import { assert, constantFrom, integer, oneof, property, string, stringMatching, uuid } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causeOf, codeOfCause, impersonalDetail } from '../../../src/domain/failures/cause.ts';
import { failure, type FailureCode } from '../../../src/domain/failures/failure.ts';

const cause = (detail: string, code: FailureCode = 'PM_REFUSED') => causeOf(failure(code, detail));
const pattern = (detail: string) => cause(detail).pattern;

describe('the pattern of a failure', () => {
  it.each([
    ['template t1 unknown', 'template … unknown'],
    ['Unprocessable', 'Unprocessable'],
    ["customer c-17 (zofie+1@example.com) isn't known", "customer … (…) isn't known"],
    ['no \'b2c\' and no "Žofie" here', 'no … and no … here'],
    ['timeout after 10000 ms at 2026-11-23T10:00:01.5Z', 'timeout after … ms at …'],
    ['rows 1, 2, 3 and 4', 'rows … and …'],
    [
      '{"error":"template t1 unknown","requestId":"9f-x","at":17}',
      '{error:template … unknown,requestId:…,at:…}',
    ],
    [
      '{"errors":[{"message":"first_name \\"Žofie\\" is bad","value":"Žofie"}]}',
      '{errors:[{message:first_name … is bad,value:…}]}',
    ],
    ['{"error":"cut off in the midd', '{error:cut off in the …'],
    [
      'customer.email is empty and loyalty.create needs it',
      'customer.email is empty and loyalty.create needs it',
    ],
  ])('%s', (detail, expected) => {
    expect(pattern(detail)).toBe(expected);
  });

  it('does not depend on where a long detail was truncated', () => {
    const story = 'of this customer was refused for a reason that takes many words '.repeat(8);
    expect(cause(`card 1 ${story}`)).toEqual(cause(`card 987654321-abc-def ${story}`));
  });

  it('is the same for any id or e-mail in the detail', () => {
    const id = oneof(
      uuid(),
      stringMatching(/^[a-z][a-z.+]{0,9}@[a-z]{1,8}\.com$/),
      integer({ min: 0 }).map(String),
      integer({ min: 0 }).map((n) => `c-${n}`),
    );
    const sentence = constantFrom(
      (value: string) => `no customer ${value} in the project`,
      (value: string) => `{"error":"no customer ${value} in the project","id":"${value}"}`,
      (value: string) => `${value}: template unknown`,
    );
    assert(
      property(sentence, id, id, (of, one, other) => {
        expect(cause(of(one))).toEqual(cause(of(other)));
      }),
    );
  });

  it('is short and has no digits, for any detail', () => {
    assert(
      property(string({ unit: 'grapheme', maxLength: 400 }), (detail) => {
        const { id, pattern: found } = cause(detail);
        expect(found).not.toMatch(/\d/);
        expect(found.length).toBeLessThanOrEqual(160);
        expect(id).toMatch(/^PM_REFUSED\.[\da-z]{10}$/);
      }),
    );
  });
});

describe('the pattern of a text that an upstream wrote', () => {
  it.each([
    ['Customer Jana Nováková blocked', 'Customer … blocked'],
    ['Jana Nováková is blocked', '… is blocked'],
    ['zákazník Jan Novák, Dlouhá 12, Brno nenalezen', 'zákazník … nenalezen'],
    ["Invalid name O'Connor-Smith", 'Invalid name …'],
    ['JANA NOVÁKOVÁ: duplicate e-mail', '…: duplicate e-mail'],
    ['name=Jana;surname=Nova', 'name=…=…'],
    ['{"message":"Jana Nováková exists","customer":{"name":"Jana"}}', '{message:… exists,customer:{name:…}}'],
    ['{"Jana Nováková":"is not a valid key"}', '{…:…}'],
    ['templateVariables.kpFirstName is too long', 'templateVariables.kpFirstName is too long'],
    ['/templateVariables/fieldValue: INVALID_EMAIL', '/templateVariables/fieldValue: INVALID_EMAIL'],
    ['<html><title>Jana</title>Bad Gateway</html>', '<html><title>…</title>Bad Gateway</html>'],
    ['山田太郎 not found', '… not found'],
    ['Мария Иванова not found', '… not found'],
  ])('names no customer: %s', (detail, expected) => {
    expect(causeOf({ code: 'PM_UNKNOWN_ERROR', detail, status: 500 }).pattern).toBe(expected);
    expect(pattern(detail)).toBe(expected);
    expect(impersonalDetail({ code: 'JOB_BUG', detail })).toBe(expected);
  });

  it('keeps the status that was answered', () => {
    const detail = 'authenticate answered 401: Jana Nováková';
    const shown = impersonalDetail({ code: 'PM_TOKEN_REJECTED', detail, status: 401 });
    expect(shown).toMatch(/^authenticate answered 401/);
    expect(shown).not.toContain('Jana');
  });

  it('contains no word of random names', () => {
    const name = stringMatching(
      /^[A-ZŠČŘŽ][a-zěščřžýáíé]{3,10}(?:ová|ek|ský|ko) [A-Z][a-z]{2,8}(?:ová|ský|wicz)$/,
    );
    const sentence = constantFrom(
      (customer: string) => `customer ${customer} is blocked`,
      (customer: string) => `{"error":"no ${customer}","message":"${customer} exists"}`,
      (customer: string) => customer,
    );
    assert(
      property(sentence, name, (of, customer) => {
        const found = pattern(of(customer));
        for (const part of customer.split(' ')) expect(found).not.toContain(part);
      }),
    );
  });
});

describe('the pattern of a text of passbridge', () => {
  it('keeps the names of programs, columns and hosts', () => {
    const ours = 'customer.rodne_prijmeni is empty and gold.create needs it';
    expect(cause(ours, 'ROW_FIELD_MISSING').pattern).toBe(ours);
    expect(cause('connect ECONNREFUSED cards.acme.test', 'PM_UNREACHABLE').pattern).toBe(
      'connect ECONNREFUSED cards.acme.test',
    );
  });
});

describe('the id of a cause', () => {
  it('differs for different messages and codes', () => {
    const ids = [
      cause('template t1 unknown'),
      cause('template t1 closed'),
      cause('template t1 unknown', 'PM_FORBIDDEN'),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(ids.map(codeOfCause)).toEqual(['PM_REFUSED', 'PM_REFUSED', 'PM_FORBIDDEN']);
  });

  it('never changes, because operators keep links to it', () => {
    expect(cause('template t1 unknown').id).toBe('PM_REFUSED.0mc6w993yp');
  });
});
