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

/** `results`: of the calls in order; later calls succeed. `losesLease`: whether renewing the lease fails. */
function startWith(
  entries: WriteBack[],
  results: SendResult[] = [],
  { calls = 1, losesLease = false, maxWaitMs = 0, hangs = false } = {},
) {
  const waiting = entries.map((entry) => ({ entry, due: 0 }));
  const sent: string[][] = [];
  const seen = {
    sent,
    delivered: [] as string[],
    requeued: [] as { id: string; refusals: number; delayMs: number }[],
    givenUp: [] as { id: string; code: string }[],
    pauses: [] as string[],
    renewed: 0,
  };
  let pausedUntil = 0;
  let isPaused = false;
  const relay = startRelay({
    outbox: {
      take: async ({ size, maxWaitMs: longestWaitMs }) => {
        const now = performance.now();
        if (now < pausedUntil || (waiting.length < size && longestWaitMs > 0)) return undefined;
        const due = waiting.filter((item) => item.due <= now).slice(0, size);
        for (const item of due) waiting.splice(waiting.indexOf(item), 1);
        if (due.length === 0) return undefined;
        return { entries: due.map(({ entry }) => entry), lease: 'ours', isProbe: isPaused, lost: [] };
      },
      renew: async (leased) => {
        seen.renewed += 1;
        return losesLease ? undefined : leased;
      },
      markDelivered: async (done) => void seen.delivered.push(...done.map(({ id }) => id)),
      requeue: async (again, lease, delayMs) => {
        expect(lease).toBe('ours');
        for (const entry of again) {
          waiting.push({ entry, due: performance.now() + delayMs });
          seen.requeued.push({ id: entry.id, refusals: entry.refusals, delayMs });
        }
      },
      giveUp: async ({ id }, lease, { code }) => {
        expect(lease).toBe('ours');
        seen.givenUp.push({ id, code });
      },
      depth: async () => ({ oldestDue: waiting.length === 0 ? undefined : 0 }),
    },
    pauses: {
      pause: async ({ code, retryAfterMs = 20 }) => {
        seen.pauses.push(code);
        pausedUntil = performance.now() + retryAfterMs;
        isPaused = true;
        return retryAfterMs;
      },
      resume: async () => {
        seen.pauses.push('resumed');
        isPaused = false;
        return true;
      },
    },
    send: async (batch, beforeCall) => {
      for (let call = 1; call < calls; call += 1) if (!(await beforeCall())) return { kind: 'stopped' };
      sent.push(batch.map(({ id }) => id));
      if (hangs) return new Promise(() => {});
      return results[sent.length - 1] ?? accepted;
    },
    clock: systemClock,
    monotonic: monotonicClock,
    random: () => 0,
    log: silent,
    batchSize: 50,
    maxWaitMs,
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
    await eventually(() => expect(seen.delivered).toEqual(['run-1']));
    expect(seen.pauses).toEqual(['BR_RATE_LIMITED', 'resumed']);
    expect(seen.requeued).toEqual([{ id: 'run-1', refusals: 0, delayMs: 0 }]);
  });

  it('sends the halves of a batch apart after an answer that Bloomreach did not give', async () => {
    const page = failure('BR_ANSWER_UNREADABLE', 'answered 400 with a web page: Blocked');
    const { seen } = startWith(
      [makeWriteBack(1), makeWriteBack(2), makeWriteBack(3)],
      [{ kind: 'failed', failure: page }],
    );
    await eventually(() => expect(seen.delivered).toEqual(['run-1', 'run-2', 'run-3']));
    expect(seen.sent).toEqual([['run-1', 'run-2', 'run-3'], ['run-1', 'run-2'], ['run-3']]);
    expect(seen.givenUp).toEqual([]);
  });

  it('renews its lease before each further call of a batch', async () => {
    const { seen } = startWith([makeWriteBack(1)], [], { calls: 4 });
    await eventually(() => expect(seen.delivered).toEqual(['run-1']));
    expect(seen.renewed).toBe(3);
  });

  it('sends nothing more of a batch whose lease is lost, and leaves it to its new owner', async () => {
    const { seen } = startWith([large(1), large(2), large(3)], [], { losesLease: true });
    await eventually(() => expect(seen.renewed).toBe(1));
    expect(seen.sent).toEqual([['run-1', 'run-2']]);
    expect(seen.requeued).toEqual([]);
    expect(seen.delivered).toEqual(['run-1', 'run-2']);
  });

  it('splits a batch that exceeds 800 KB', async () => {
    const { seen } = startWith([large(1), large(2), large(3)]);
    await eventually(() => expect(seen.delivered).toHaveLength(3));
    expect(seen.sent).toEqual([['run-1', 'run-2'], ['run-3']]);
  });
});

describe('a relay that stops', () => {
  it('sends what still waits for its batch to fill', async () => {
    const { seen, relay } = startWith([makeWriteBack(1), makeWriteBack(2)], [], { maxWaitMs: 60_000 });
    relay.quiesce();
    expect(seen.sent).toEqual([]);
    await relay.stop();
    expect(seen.delivered).toEqual(['run-1', 'run-2']);
  });

  it('does not wait for an answer that takes too long', async () => {
    const { seen, relay } = startWith([makeWriteBack(1)], [], { maxWaitMs: 60_000, hangs: true });
    await relay.stop();
    expect(seen).toMatchObject({ sent: [['run-1']], delivered: [] });
  });

  it('sends nothing during a pause', async () => {
    const limited = failure('BR_RATE_LIMITED', '');
    const { seen, relay } = startWith(
      [makeWriteBack(1)],
      [{ kind: 'failed', failure: { ...limited, retryAfterMs: 60_000 } }],
    );
    await eventually(() => expect(seen.pauses).toHaveLength(1));
    await relay.stop();
    expect(seen.sent).toHaveLength(1);
  });
});
