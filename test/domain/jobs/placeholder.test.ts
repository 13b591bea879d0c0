import { describe, expect, it } from 'vitest';
import { passIdOf } from '../../../src/domain/jobs/pass-job.ts';

const cardOf = (passmachine_pass_id: unknown) =>
  passIdOf({ ids: { registered: 'c-1' }, attributes: { passmachine_pass_id } });

describe('passIdOf', () => {
  it.each([
    '',
    ' ',
    '-',
    '--',
    '—',
    '0',
    '000',
    '[]',
    '{}',
    '""',
    '?',
    '.',
    'NULL',
    'null',
    'None',
    'nan',
    'NaN',
    'N/A',
    'n/a',
    'NA',
    'undefined',
    'false',
    '(null)',
    '[null]',
    '<NULL>',
    '\\N',
    'nil',
    '00000000-0000-0000-0000-000000000000',
    0,
    false,
    null,
    [],
    {},
  ])('takes the placeholder %j for no card', (value) => {
    expect(cardOf(value)).toBeUndefined();
  });

  it.each([
    ['pass-2 ', 'pass-2'],
    ['\tpass-2', 'pass-2'],
    [17, '17'],
    ['10', '10'],
    ['none-1', 'none-1'],
    ['nullable', 'nullable'],
    ['a0', 'a0'],
  ])('takes %j for the card %s', (value, id) => {
    expect(cardOf(value)).toBe(id);
  });
});
