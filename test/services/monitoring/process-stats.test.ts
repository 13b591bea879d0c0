import { describe, expect, it } from 'vitest';
import type { Heartbeat, TokenStatus } from '../../../src/domain/monitoring/heartbeat.ts';
import { mostUrgentToken } from '../../../src/services/monitoring/process-stats.ts';

const quiet = { recent: { calls: 0, failures: 0 }, consecutiveFailures: 0 };
const worker = (token: TokenStatus): Heartbeat => ({
  process: 'a',
  pid: 1,
  host: 'here',
  version: '1.0.0',
  roles: ['worker'],
  since: 1,
  at: 2,
  token,
  upstreams: { passmachine: quiet, bloomreach: quiet },
});
const urgent = (...tokens: TokenStatus[]) => mostUrgentToken(tokens.map(worker));

const renewed = { renews: true, leftMs: 1000 };
const fixed = { renews: false, leftMs: 9000 };
const fixedWithoutExpiry = { renews: false };
const refused = { renews: true, refused: { at: 1, code: 'PM_TOKEN_REJECTED', detail: 'HTTP 401' } } as const;

describe('the most urgent token of the workers', () => {
  it.each([
    ['a refused one', [fixed, refused, renewed], refused],
    [
      'one that expires unless an operator replaces it, even if others are renewed sooner',
      [renewed, fixed],
      fixed,
    ],
    ['the first of these to expire', [{ ...fixed, leftMs: 10_000 }, fixed], fixed],
    ['one that is renewed, if no other says when it expires', [fixedWithoutExpiry, renewed], renewed],
    ['one without an expiry, if there is no other', [fixedWithoutExpiry], fixedWithoutExpiry],
    ['none, without workers', [], undefined],
  ])('is %s', (_name, tokens, expected) => {
    expect(urgent(...tokens)).toEqual(expected);
  });
});
