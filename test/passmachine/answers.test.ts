import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../src/domain/failures/failure.ts';
import { verdictOn } from '../../src/domain/jobs/outcome.ts';
import type { HttpResult } from '../../src/kit/http/client.ts';
import { passmachineFailure, readCard } from '../../src/passmachine/answers.ts';

type Verdict = ReturnType<typeof verdictOn> | 'done';
type Row = [result: HttpResult, code: FailureCode | undefined, create: Verdict, patch: Verdict];

const answered = (status: number, retryAfterMs?: number, text = ''): HttpResult => ({
  answered: true,
  status,
  text,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

const unanswered = (sent: boolean, reason: 'timeout' | 'connection' | 'response-too-large'): HttpResult => ({
  answered: false,
  sent,
  reason,
  detail: '',
});

/** Every status that is answered alike. */
const each = (statuses: number[], ...rest: [FailureCode, Verdict, Verdict]): Row[] =>
  statuses.map((status) => [answered(status), ...rest]);

const redirects = [300, 301, 302, 303, 304, 305, 307, 308];
const serverErrors = [500, 501, 502, 503, 505, 506, 507, 508, 509, 510, 511, 520, 527, 530, 598, 599];
const refusals = [400, 402, 405, 406, 409, 411, 413, 415, 418, 421, 422, 423, 424, 425, 426, 428, 431, 451];

const table: Row[] = [
  [answered(200), undefined, 'done', 'done'],
  [answered(201), undefined, 'done', 'done'],
  [answered(204), undefined, 'done', 'done'],
  // Proven: nothing was made.
  [unanswered(false, 'connection'), 'PM_UNREACHABLE', 'retry', 'retry'],
  [unanswered(false, 'timeout'), 'PM_UNREACHABLE', 'retry', 'retry'],
  [answered(401), 'PM_UNAUTHORIZED', 'wait', 'wait'],
  [answered(403), 'PM_FORBIDDEN', 'reject', 'reject'],
  [answered(429), 'PM_RATE_LIMITED', 'wait', 'wait'],
  [answered(503, 0), 'PM_UNAVAILABLE', 'retry', 'retry'],
  [answered(503, 2000), 'PM_UNAVAILABLE', 'retry', 'retry'],
  ...each(refusals, 'PM_REFUSED', 'reject', 'reject'),
  // Maybe made.
  [unanswered(true, 'connection'), 'PM_UNKNOWN_RESET', 'unknown', 'retry'],
  [unanswered(true, 'timeout'), 'PM_UNKNOWN_TIMEOUT', 'unknown', 'retry'],
  [unanswered(true, 'response-too-large'), 'PM_UNKNOWN_ANSWER', 'unknown', 'retry'],
  ...each([521, 522, 523, 525, 526], 'PM_UNAVAILABLE', 'retry', 'retry'),
  ...each([408, 504, 524], 'PM_UNKNOWN_TIMEOUT', 'unknown', 'retry'),
  ...each(redirects, 'PM_UNKNOWN_ERROR', 'unknown', 'retry'),
  ...each(serverErrors, 'PM_UNKNOWN_ERROR', 'unknown', 'retry'),
  [answered(502, 2000), 'PM_UNKNOWN_ERROR', 'unknown', 'retry'],
  [
    answered(200, undefined, '\n<html><body>Bad gateway</body></html>'),
    'PM_UNKNOWN_ERROR',
    'unknown',
    'retry',
  ],
];

function verdictsOf(result: HttpResult, code: 'create' | 'update'): [FailureCode | undefined, Verdict] {
  const why = passmachineFailure(result, { method: code === 'create' ? 'POST' : 'PATCH' });
  return [why?.code, why === undefined ? 'done' : verdictOn(why, code)];
}

describe('the id of a new card is text', () => {
  it.each([
    ['"p-1"', 'p-1'],
    ['4001', '4001'],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890123', '12345678901234567890123'],
    ['"4001"', '4001'],
  ])('%s', (id, passId) => {
    expect(readCard(`{"id":${id}}`)).toEqual({ passId, answer: { data: { id: passId } } });
    expect(readCard(`{"data":{"id":${id},"serial":9203123456789012345},"ok":true}`)).toEqual({
      passId,
      answer: { data: { id: passId, serial: '9203123456789012345' }, ok: true },
    });
  });

  it.each(['1.23e23', '1.5', 'null', '""', '{}', 'true'])('%s is none', (id) => {
    expect(readCard(`{"id":${id}}`)).toBeUndefined();
  });
});

describe('an answer', () => {
  it.each(table)('%j is %s: a create is %s, a PATCH is %s', (result, code, create, patch) => {
    expect(verdictsOf(result, 'create')).toEqual([code, create]);
    expect(verdictsOf(result, 'update')).toEqual([code, patch]);
  });

  it.each([404, 410])('%i rejects a create and a PATCH, each with its code', (status) => {
    expect(verdictsOf(answered(status), 'create')).toEqual(['PM_TEMPLATE_UNKNOWN', 'reject']);
    expect(verdictsOf(answered(status), 'update')).toEqual(['PM_PASS_GONE', 'reject']);
  });
});

const deep = (levels: number) => `{"data":{"id":"p-1","more":${'['.repeat(levels)}${']'.repeat(levels)}}}`;

it('takes an answer that is nested too deep for one without a card', () => {
  expect(readCard(deep(60))?.passId).toBe('p-1');
  expect(readCard(deep(450_000))).toBeUndefined();
});
