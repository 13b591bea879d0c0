import { describe, expect, it } from 'vitest';
import { failure, type FailureCode, failureKinds } from '../../../src/domain/failures/failure.ts';
import { verdictOn } from '../../../src/domain/jobs/outcome.ts';
import { retryDelay } from '../../../src/domain/jobs/retry.ts';

const codes = Object.keys(failureKinds) as FailureCode[];

describe('the verdict on a failure', () => {
  it.each(codes)('on %s follows from its stage and repeat', (code) => {
    const { stage, repeat } = failureKinds[code];
    const create = verdictOn(failure(code, ''), 'create');
    const patch = verdictOn(failure(code, ''), 'notify');
    const answered = { never: 'reject', attempt: 'retry', wait: 'wait', pause: 'wait' }[repeat];
    expect([create, patch]).toEqual(stage === 'maybe' ? ['unknown', 'retry'] : [answered, answered]);
  });

  it('never repeats a create that may have been made', () => {
    const repeated = codes.filter(
      (code) => failureKinds[code].stage === 'maybe' && verdictOn(failure(code, ''), 'create') !== 'unknown',
    );
    expect(repeated).toEqual([]);
  });
});

describe('the retry delay', () => {
  const ladder = [5000, 60_000];

  it.each([
    [1, 0, 5000],
    [1, 1, 4000],
    [2, 0, 60_000],
    [2, 0.5, 54_000],
    [3, 0, undefined],
  ])('after attempt %i with random %d is %s ms', (attempt, random, expected) => {
    expect(retryDelay(attempt, ladder, random)).toBe(expected);
  });

  it('is never shorter than Retry-After', () => {
    expect(retryDelay(1, ladder, 0.9, 30_000)).toBe(30_000);
    expect(retryDelay(2, ladder, 0, 30_000)).toBe(60_000);
  });
});
