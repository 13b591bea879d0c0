import { describe, expect, it } from 'vitest';
import { makeMonotonicClock } from '../../src/kit/clock.ts';
import { failure, type Failure } from '../../src/domain/failures/failure.ts';
import type { ClaimAnswer, Settlement } from '../../src/domain/jobs/settlement.ts';
import type { Slot } from '../../src/domain/jobs/slot.ts';
import { makeHandler } from '../../src/worker/handle.ts';
import type { Ledger } from '../../src/worker/ledger.ts';
import { makeDeadLetter } from '../../src/worker/dead-letter.ts';
import { makeQueued, makeProgram, makeTemplate, silent, queued } from '../support/make.ts';

interface Script {
  claim?: ClaimAnswer;
  fails?: Failure;
  onUnknown?: 'hold' | 'retry';
  program?: ReturnType<typeof makeProgram>;
  job?: ReturnType<typeof makeQueued>;
  attempt?: number;
  isClaimed?: boolean;
  limitMs?: number;
  /** The answer to a repeated claim. */
  repeatedClaim?: ClaimAnswer;
  /** Milliseconds until the permit is granted; Infinity if the process shuts down before. */
  permitMs?: number;
}

/** A handler with fake neighbors that record its calls. */
function setUp(script: Script) {
  const {
    claim = 'go',
    fails,
    onUnknown = 'hold',
    program = makeProgram(),
    job = makeQueued(1),
    attempt = 1,
    isClaimed = false,
    limitMs = 0,
    repeatedClaim = claim,
    permitMs = 0,
  } = script;
  let now = 42_000;
  let releaseSlot: (() => void) | undefined;
  const slotReleased = new Promise<void>((resolve) => (releaseSlot = resolve));
  const slot: Slot = {
    async waitForPermit() {
      now += permitMs;
      return permitMs < Infinity;
    },
    release: () => releaseSlot?.(),
  };
  const seen = {
    settled: [] as Settlement[],
    claims: 0,
    released: 0,
    parked: [] as number[],
    calls: [] as unknown[],
  };
  const answerWith = <T>(good: T) => (fails === undefined ? good : { ok: false as const, failure: fails });
  const ledger: Ledger = {
    claim: async () => {
      seen.claims += 1;
      return { answer: seen.claims === 1 ? claim : repeatedClaim, nonce: 'n', waitMs: 7000 };
    },
    isClaimed: async () => isClaimed,
    park: async ({ attempts = 0 }) => {
      seen.parked.push(attempts);
      return 'parked';
    },
    release: async () => {
      seen.released += 1;
    },
    settle: async (_job, settlement) => {
      seen.settled.push(settlement);
      return true;
    },
  };
  const clock = () => now;
  const deadLetter = makeDeadLetter({ ledger, clock, log: silent });
  const { handle } = makeHandler({
    ledger,
    api: {
      create: async (body) => {
        seen.calls.push(body);
        return answerWith({ ok: true as const, pass: { passId: 'p-1', answer: { data: { id: 'p-1' } } } });
      },
      patch: async (passId) => {
        seen.calls.push(passId);
        return answerWith({ ok: true as const });
      },
      // In an outage it would take two seconds; here it takes until the slot is released.
      excuse: async (_action, failed) => {
        await slotReleased;
        return failed;
      },
    },
    findProgram: async (name) => (name === program.name ? program : undefined),
    notificationWait: async () => limitMs,
    drawVoucher: async () => undefined,
    retryDelaysMs: [5000, 60_000],
    onUnknown,
    clock,
    monotonic: makeMonotonicClock(clock),
    random: () => 0,
    log: silent,
  });
  const delivered = queued({ ...job, attempts: attempt - 1 });
  return { handle: () => handle(delivered, slot), deadLetter: () => deadLetter(delivered, attempt), seen };
}

async function run(script: Script) {
  const { handle, seen } = setUp(script);
  return { outcome: await handle(), ...seen };
}

describe('a create', () => {
  it('releases its slot before it is known whether its failure belongs to an outage', async () => {
    const { outcome } = await run({ fails: failure('PM_UNREACHABLE', '') });
    expect(outcome).toMatchObject({ kind: 'retry' });
  });

  it('settles as done with its card and its write-back', async () => {
    const { outcome, settled, calls } = await run({});
    expect(outcome).toMatchObject({ kind: 'done', answer: { data: { id: 'p-1' } } });
    expect(calls).toHaveLength(1);
    expect(settled).toEqual([
      {
        state: 'done',
        card: { passId: 'p-1', issuedAt: 42 },
        writeBack: {
          id: 'run-1',
          campaign: 'run',
          row: 1,
          name: 'customers',
          data: {
            customer_ids: { registered: 'c-1' },
            properties: { passmachine_pass_id: 'p-1', passmachine_pass_gendate: 42 },
            update_timestamp: 42,
          },
          at: 42_000,
          refusals: 0,
        },
      },
    ]);
  });

  it('settles as done even if its attributes cannot be rendered, because the card exists', async () => {
    const why = failure('TEMPLATE_FAILED', 'no link');
    const attributes = makeTemplate(() => ({ ok: false, failure: why }));
    const { outcome, settled } = await run({ program: makeProgram({ attributes }) });
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(settled).toMatchObject([
      { state: 'done', card: { passId: 'p-1' }, writeBackFailure: { failure: why } },
    ]);
  });

  it.each([
    ['settled', { kind: 'skip', reason: 'settled' }, []],
    ['halted', { kind: 'parked' }, []],
    ['customer-busy', { kind: 'wait', reason: { why: 'customer-busy' } }, []],
    ['unconfirmed', { kind: 'wait', reason: { why: 'unconfirmed' } }, []],
    ['has-card', { kind: 'skip', reason: 'has-card' }, [{ state: 'skipped' }]],
    ['card-unknown', { kind: 'skip', reason: 'card-unknown' }, [{ state: 'skipped' }]],
    ['sent-before', { kind: 'unknown', failure: { code: 'PM_UNKNOWN_CRASH' } }, [{ state: 'unknown' }]],
  ] as const)('is not sent if the claim is answered with %s', async (claim, expected, settlements) => {
    const { outcome, settled, calls } = await run({ claim });
    expect(outcome).toMatchObject(expected);
    expect(settled).toMatchObject(settlements);
    expect(calls).toEqual([]);
  });

  it.each([
    ['PM_REFUSED', { kind: 'reject' }, 'rejected', 0],
    ['PM_UNKNOWN_TIMEOUT', { kind: 'unknown' }, 'unknown', 0],
    ['PM_UNKNOWN_ERROR', { kind: 'unknown' }, 'unknown', 0],
    ['PM_CREATES_PAUSED', { kind: 'wait', delayMs: 5000, pausesQueue: false }, undefined, 1],
    ['PM_UNAVAILABLE', { kind: 'retry', delayMs: 5000 }, undefined, 1],
    ['PM_UNREACHABLE', { kind: 'retry', delayMs: 5000 }, undefined, 1],
    ['PM_TOKEN_REJECTED', { kind: 'wait', delayMs: 5000 }, undefined, 1],
  ] as const)('ends with the outcome of %s', async (code, expected, state, releases) => {
    const { outcome, settled, released } = await run({ fails: failure(code, '') });
    expect(outcome).toMatchObject(expected);
    expect(settled.map((settlement) => settlement.state)).toEqual(state === undefined ? [] : [state]);
    expect(released).toBe(releases);
  });

  it('waits as long as a 429 asks for', async () => {
    const { outcome } = await run({ fails: failure('PM_RATE_LIMITED', '', { retryAfterMs: 2000 }) });
    expect(outcome).toMatchObject({ kind: 'wait', delayMs: 2000, pausesQueue: true });
  });

  it('fails permanently when its attempts are used up', async () => {
    const why = failure('PM_UNAVAILABLE', '');
    expect((await run({ fails: why, attempt: 2 })).outcome).toMatchObject({ kind: 'retry', delayMs: 60_000 });
    const last = await run({ fails: why, attempt: 3 });
    expect(last.outcome).toMatchObject({ kind: 'reject' });
    expect(last.settled).toMatchObject([{ state: 'failed', attempts: 3 }]);
  });

  it('that may have been made is repeated only with onUnknown=retry', async () => {
    const fails = failure('PM_UNKNOWN_RESET', '');
    expect((await run({ fails, onUnknown: 'retry' })).outcome).toMatchObject({ kind: 'retry' });
    const crashed = await run({ claim: 'sent-before', onUnknown: 'retry' });
    expect(crashed.calls).toHaveLength(1);
  });

  it('of a program that the worker does not have is rejected', async () => {
    const { outcome, calls } = await run({ job: makeQueued(1, { program: 'gift' }) });
    expect(outcome).toMatchObject({ kind: 'reject', failure: { code: 'PROGRAM_UNKNOWN' } });
    expect(calls).toEqual([]);
  });

  it('that cannot be rendered is rejected and not sent', async () => {
    const create = makeTemplate(() => ({ ok: false, failure: failure('ROW_FIELD_MISSING', 'email') }));
    const { outcome, calls } = await run({ program: makeProgram({ create }) });
    expect(outcome).toMatchObject({ kind: 'reject', failure: { code: 'ROW_FIELD_MISSING' } });
    expect(calls).toEqual([]);
  });
});

describe('a bug', () => {
  const create = makeTemplate(() => {
    throw new Error('no such thing');
  });
  const program = makeProgram({ create });

  it('is retried and finally fails', async () => {
    const first = await run({ program });
    expect(first.outcome).toMatchObject({
      kind: 'retry',
      failure: { code: 'JOB_BUG', detail: 'no such thing' },
    });
    expect(first.released).toBe(1);
    const last = await run({ program, attempt: 3 });
    expect(last.settled).toMatchObject([{ state: 'failed', failure: { code: 'JOB_BUG' } }]);
  });

  it('in a create that may have been sent is unknown, unless onUnknown=retry', async () => {
    const why = { code: 'PM_UNKNOWN_CRASH', detail: 'no such thing' };
    const { outcome, settled, released } = await run({ program, isClaimed: true });
    expect(outcome).toMatchObject({ kind: 'unknown', failure: why });
    expect(settled).toMatchObject([{ state: 'unknown', failure: why }]);
    expect(released).toBe(0);
    const repeated = await run({ program, isClaimed: true, onUnknown: 'retry' });
    expect(repeated.outcome).toMatchObject({ kind: 'retry', failure: { code: 'JOB_BUG' } });
  });
});

describe('a notification', () => {
  const notify = makeTemplate(() => ({ ok: true, body: [] }));
  const withCard = { ids: { registered: 'c-1' }, attributes: { passmachine_pass_id: 'p-9' } };

  it('patches the customer’s card', async () => {
    const job = makeQueued(1, { action: 'notify', customer: withCard });
    const { outcome, calls, settled } = await run({ job, program: makeProgram({ notify }) });
    expect([outcome, calls, settled]).toEqual([
      { kind: 'done' },
      ['p-9'],
      [{ state: 'done', notified: true }],
    ]);
  });

  it('without a card is rejected', async () => {
    const { outcome } = await run({
      job: makeQueued(1, { action: 'notify' }),
      program: makeProgram({ notify }),
    });
    expect(outcome).toMatchObject({ kind: 'reject', failure: { code: 'ROW_FIELD_MISSING' } });
  });

  it('without an answer is retried, because a PATCH is idempotent', async () => {
    const job = makeQueued(1, { action: 'notify', customer: withCard });
    const { outcome } = await run({
      job,
      program: makeProgram({ notify }),
      fails: failure('PM_UNKNOWN_RESET', ''),
    });
    expect(outcome).toMatchObject({ kind: 'retry' });
  });
});

describe('a job with a use-by time', () => {
  it('is not sent after it', async () => {
    const { outcome, settled, calls } = await run({ job: makeQueued(1, { useBy: 42_000 }) });
    expect(outcome).toEqual({ kind: 'skip', reason: 'too-late' });
    expect(settled).toEqual([{ state: 'skipped', reason: 'too-late' }]);
    expect(calls).toEqual([]);
  });

  it('is not retried if the retry would be too late', async () => {
    const fails = failure('PM_UNAVAILABLE', '');
    const late = await run({ fails, job: makeQueued(1, { useBy: 42_000 + 4999 }) });
    expect(late.settled).toEqual([{ state: 'skipped', reason: 'too-late' }]);
    const inTime = await run({ fails, job: makeQueued(1, { useBy: 42_000 + 5001 }) });
    expect(inTime.outcome).toMatchObject({ kind: 'retry' });
  });
});

describe('a job whose workers died repeatedly', () => {
  it('fails if it is an update', async () => {
    const { deadLetter, seen } = setUp({ isClaimed: true, job: makeQueued(1, { action: 'update' }) });
    expect(await deadLetter()).toMatchObject({ code: 'JOB_POISONED' });
    expect(seen.settled).toMatchObject([{ state: 'failed', failure: { code: 'JOB_POISONED' } }]);
  });

  it('is not settled if it was not claimed', async () => {
    const { deadLetter, seen } = setUp({});
    expect(await deadLetter()).toBeUndefined();
    expect(seen.settled).toEqual([]);
  });

  it('is unknown if it is a create, so that it is not repeated automatically', async () => {
    const { deadLetter, seen } = setUp({ isClaimed: true });
    await deadLetter();
    expect(seen.settled).toMatchObject([{ state: 'unknown', failure: { code: 'PM_UNKNOWN_CRASH' } }]);
  });
});

describe('a job that waits for its permit', () => {
  it('is sent with its first claim if that is fresh', async () => {
    expect(await run({ permitMs: 150 })).toMatchObject({ outcome: { kind: 'done' }, claims: 1 });
  });

  it('repeats an old claim, and is sent if it is granted again', async () => {
    const { outcome, claims, calls } = await run({ permitMs: 151 });
    expect({ kind: outcome.kind, claims, calls: calls.length }).toEqual({
      kind: 'done',
      claims: 2,
      calls: 1,
    });
  });

  it('is parked if its campaign was halted meanwhile', async () => {
    const { outcome, calls } = await run({ permitMs: 151, repeatedClaim: 'halted' });
    expect(outcome).toEqual({ kind: 'parked' });
    expect(calls).toEqual([]);
  });

  it('is requeued if the gate was closed meanwhile', async () => {
    const { outcome, calls } = await run({ permitMs: 151, repeatedClaim: 'gate' });
    expect(outcome).toEqual({ kind: 'wait', reason: { why: 'gate' }, delayMs: 7000, pausesQueue: true });
    expect(calls).toEqual([]);
  });

  it('releases its claim if the process shuts down', async () => {
    const { outcome, released, calls, settled } = await run({ permitMs: Infinity });
    expect(outcome).toEqual({ kind: 'wait', reason: { why: 'stopping' }, delayMs: 0, pausesQueue: false });
    expect({ released, calls, settled }).toEqual({ released: 1, calls: [], settled: [] });
  });
});
