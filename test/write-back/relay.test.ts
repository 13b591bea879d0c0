/** The relay with a fake outbox and a fake Bloomreach. */

import { describe, expect, it, onTestFinished } from 'vitest';
import { failure, type Failure } from '../../src/domain/failures/failure.ts';
import type { WriteBack } from '../../src/domain/jobs/write-back.ts';
import { monotonicClock, systemClock } from '../../src/kit/clock.ts';
import { startRelay } from '../../src/write-back/relay.ts';
import { eventually } from '../support/eventually.ts';
import { makeWriteBack, silent } from '../support/make.ts';

type SendResult = { kind: 'failed'; failure: Failure } | { kind: 'answered'; refused: Map<string, Failure> };

const accepted: SendResult = { kind: 'answered', refused: new Map() };

/** `results`: of the calls in order; later calls succeed. */
function startWith(entries: WriteBack[], results: SendResult[] = []) {
  const waiting = entries.map((entry) => ({ entry, due: 0 }));
  const sent: string[][] = [];
  const seen = {
    sent,
    delivered: [] as string[],
    requeued: [] as { id: string; refusals: number; inMs: number }[],
    givenUp: [] as { id: string; code: string }[],
  };
  const relay = startRelay({
    outbox: {
      take: async ({ size, now }) => {
        const due = waiting.filter((item) => item.due <= now).slice(0, size);
        for (const item of due) waiting.splice(waiting.indexOf(item), 1);
        return due.map(({ entry }) => entry);
      },
      markDelivered: async (done) => void seen.delivered.push(...done.map(({ id }) => id)),
      requeue: async (again, due) => {
        for (const entry of again) {
          waiting.push({ entry, due });
          seen.requeued.push({ id: entry.id, refusals: entry.refusals, inMs: due - systemClock() });
        }
      },
      giveUp: async ({ id }, { code }) => void seen.givenUp.push({ id, code }),
    },
    send: async (batch) => {
      sent.push(batch.map(({ id }) => id));
      return results[sent.length - 1] ?? accepted;
    },
    clock: systemClock,
    monotonic: monotonicClock,
    random: () => 0,
    log: silent,
    batchSize: 50,
    maxWaitMs: 0,
    refusalDelaysMs: [20],
  });
  onTestFinished(() => relay.stop());
  return { seen, relay };
}

const refusing = (id: string, code: 'BR_COMMAND_REFUSED' | 'BR_BATCH_REFUSED'): SendResult => ({
  kind: 'answered',
  refused: new Map([[id, failure(code, '')]]),
});

const large = (row: number) => ({ ...makeWriteBack(row), data: { text: 'x'.repeat(300_000) } });

describe('the relay', () => {
  it('marks accepted entries as delivered', async () => {
    const { seen } = startWith([makeWriteBack(1), makeWriteBack(2)]);
    await eventually(() => expect(seen.delivered).toEqual(['run-1', 'run-2']));
    expect(seen.sent).toEqual([['run-1', 'run-2']]);
  });

  it('retries a refused command alone, then gives it up', async () => {
    const refusal = refusing('run-1', 'BR_COMMAND_REFUSED');
    const { seen } = startWith([makeWriteBack(1), makeWriteBack(2)], [refusal, refusal]);
    await eventually(() => expect(seen.givenUp).toEqual([{ id: 'run-1', code: 'BR_COMMAND_REFUSED' }]));
    expect(seen.sent).toEqual([['run-1', 'run-2'], ['run-1']]);
    expect(seen.requeued).toMatchObject([{ id: 'run-1', refusals: 1 }]);
    expect(seen.delivered).toEqual(['run-2']);
  });

  it('gives up a malformed command without a retry', async () => {
    const { seen } = startWith([makeWriteBack(1)], [refusing('run-1', 'BR_BATCH_REFUSED')]);
    await eventually(() => expect(seen.givenUp).toEqual([{ id: 'run-1', code: 'BR_BATCH_REFUSED' }]));
    expect(seen.requeued).toEqual([]);
  });

  it('pauses after a failed call for as long as Bloomreach asks, and counts no refusal', async () => {
    const limited = failure('BR_RATE_LIMITED', '', { retryAfterMs: 1200 });
    const { seen } = startWith([makeWriteBack(1)], [{ kind: 'failed', failure: limited }]);
    const startedAt = performance.now();
    await eventually(() => expect(seen.delivered).toEqual(['run-1']));
    expect(performance.now() - startedAt).toBeGreaterThan(1100);
    expect(seen.requeued).toMatchObject([{ id: 'run-1', refusals: 0 }]);
  });

  it('splits a batch that exceeds 800 KB', async () => {
    const { seen } = startWith([large(1), large(2), large(3)]);
    await eventually(() => expect(seen.delivered).toHaveLength(3));
    expect(seen.sent).toEqual([['run-1', 'run-2'], ['run-3']]);
  });
});
