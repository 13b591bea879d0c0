import { describe, expect, it } from 'vitest';
import { parseExactJson } from '../../../src/kit/json/exact-json.ts';
import { parseEvent } from '../../../src/web/webhooks/tracked-event.ts';

const options = {
  jobIdKeys: new Set(['passbridge_job']),
  paths: { passId: ['pass_id'], link: ['link'] },
  now: 1_763_855_000_250,
};

function parse(text: string) {
  const parsed = parseEvent(parseExactJson(text), options);
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return parsed;
}

const event = (ids: string, rest = '') => `{"customer_ids":${ids},"event_type":"passmachine"${rest}}`;

it.each([
  ['{"registered":4001}', { registered: '4001' }],
  ['{"registered":9007199254740993}', { registered: '9007199254740993' }],
  ['{"registered":"9007199254740993"}', { registered: '9007199254740993' }],
  [
    '{"registered":"c-1","cookie":["a",9007199254740993]}',
    { registered: 'c-1', cookie: ['a', '9007199254740993'] },
  ],
])('has its ids as text: %s', (ids, texts) => {
  expect(parse(event(ids)).event.customer_ids).toEqual(texts);
});

it('keeps the digits of long numbers in its properties', () => {
  const { event: parsed } = parse(
    event('{"registered":"c-1"}', ',"properties":{"card":9203123456789012345,"n":1}'),
  );
  expect(parsed.properties).toEqual({ card: '9203123456789012345', n: 1 });
});

it.each(['1763855000.25', '1763855000250', '1763855000250000', '1763855000250000001'])(
  'has its time in seconds: %s',
  (timestamp) => {
    const { event: parsed } = parse(event('{"registered":"c-1"}', `,"timestamp":${timestamp}`));
    expect(parsed.timestamp).toBeCloseTo(1763855000.25, 3);
  },
);

it('keeps the text of an ISO time', () => {
  const { event: parsed } = parse(event('{"registered":"c-1"}', ',"timestamp":"2026-11-30T10:00:00Z"'));
  expect(parsed.timestamp).toBe('2026-11-30T10:00:00Z');
});

const properties = (more: string) => `,"properties":{"metadata":{"passbridge_job":"run-1"},${more}}`;

describe('proves a card', () => {
  it.each([
    ['"pass_id":"p-1"', { passId: 'p-1' }],
    ['"pass_id":9007199254740993,"link":"https://x/9"', { passId: '9007199254740993', link: 'https://x/9' }],
    ['"pass_id":4001', { passId: '4001' }],
  ])('with %s', (more, proof) => {
    expect(parse(event('{"registered":7}', properties(more))).proof).toEqual({
      job: 'run-1',
      ids: { registered: '7' },
      ...proof,
    });
  });

  it.each(['"pass_id":""', '"pass_id":"p 1"', '"pass_id":1.23e23', '"other":"p-1"'])(
    'not with %s',
    (more) => {
      expect(parse(event('{"registered":"c-1"}', properties(more))).proof).toBeUndefined();
    },
  );

  it('not without a job', () => {
    const parsed = parse(event('{"registered":"c-1"}', ',"properties":{"pass_id":"p-1","metadata":{"n":1}}'));
    expect(parsed.proof).toBeUndefined();
    expect(parsed.event.properties).toEqual({ pass_id: 'p-1', metadata: { n: 1 } });
  });
});
