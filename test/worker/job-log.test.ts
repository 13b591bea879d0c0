import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Outcome } from '../../src/domain/jobs/outcome.ts';
import { makeLogger } from '../../src/kit/logger.ts';
import { makeJobLog } from '../../src/worker/job-log.ts';
import { makeQueued } from '../support/make.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(level: string) {
  const lines: string[] = [];
  const log = makeLogger(level, { write: (line) => void lines.push(line) });
  const read = () => lines.splice(0).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { jobLog: makeJobLog(log), read };
}

const done = { kind: 'done', replaced: false } as unknown as Outcome;
const unknown = {
  kind: 'unknown',
  failure: { code: 'PM_UNKNOWN_TIMEOUT', detail: '' },
} as unknown as Outcome;
const twice = { kind: 'second-card', failure: { code: 'PM_SECOND_CARD', detail: '' } } as unknown as Outcome;

it('logs each run at debug', () => {
  const { jobLog, read } = open('debug');
  jobLog.record(makeQueued(1), 1, done, 12);
  expect(read()).toEqual([
    expect.objectContaining({
      level: 'debug',
      event: 'job',
      job: makeQueued(1).id,
      outcome: 'done',
      durationMs: 12,
    }),
  ]);
});

it('logs one summary every ten seconds in which something ran, with one of the runs', () => {
  const { jobLog, read } = open('info');
  for (let row = 1; row <= 30; row += 1) jobLog.record(makeQueued(row), 1, done, row);
  vi.advanceTimersByTime(9_999);
  expect(read()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(read()).toEqual([
    expect.objectContaining({
      level: 'info',
      event: 'jobs',
      runs: 30,
      outcomes: { done: 30 },
      codes: {},
      meanMs: 16,
      maxMs: 30,
      sample: expect.objectContaining({ outcome: 'done' }),
    }),
  ]);
  vi.advanceTimersByTime(60_000);
  expect(read()).toEqual([]);
});

it('logs what an operator has to look at by itself, and counts it in the summary', () => {
  const { jobLog, read } = open('info');
  jobLog.record(makeQueued(1), 1, unknown, 5);
  jobLog.record(makeQueued(2), 1, twice, 5);
  expect(read().map(({ level, code }) => [level, code])).toEqual([
    ['warn', 'PM_UNKNOWN_TIMEOUT'],
    ['error', 'PM_SECOND_CARD'],
  ]);
  jobLog.flush();
  expect(read()).toEqual([expect.objectContaining({ codes: { PM_UNKNOWN_TIMEOUT: 1, PM_SECOND_CARD: 1 } })]);
});
