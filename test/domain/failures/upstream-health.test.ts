import { describe, expect, it } from 'vitest';
import {
  countsAgainstUpstream,
  failure,
  type FailureCode,
  failureKinds,
  isOutage,
} from '../../../src/domain/failures/failure.ts';

const codes = Object.keys(failureKinds) as FailureCode[];

describe('what a failure says about the upstream', () => {
  it('is known for every code of an answer', () => {
    const answered = codes.filter((code) => failureKinds[code].stage === 'after');
    expect(answered.filter((code) => failureKinds[code].upstream === undefined)).toEqual([]);
  });

  it('counts every outage against the upstream', () => {
    const outages = codes.map((code) => failure(code, '')).filter(isOutage);
    expect(outages.length).toBeGreaterThan(0);
    expect(outages.every(countsAgainstUpstream)).toBe(true);
  });

  it('does not open the breaker for a 429 or wrong credentials, which still count as failed calls', () => {
    for (const code of ['PM_RATE_LIMITED', 'PM_UNAUTHORIZED', 'PM_TOKEN_REJECTED'] as const) {
      expect([isOutage(failure(code, '')), countsAgainstUpstream(failure(code, ''))]).toEqual([false, true]);
    }
  });

  it('does not count a refused content against the upstream', () => {
    for (const code of ['PM_REFUSED', 'PM_PASS_GONE', 'BR_COMMAND_REFUSED'] as const) {
      expect(countsAgainstUpstream(failure(code, ''))).toBe(false);
    }
  });
});
