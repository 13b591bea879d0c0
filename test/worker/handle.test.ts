import { describe, expect, it } from 'vitest';
import { makeMonotonicClock } from '../../src/kit/clock.ts';
import { failure, type Failure } from '../../src/domain/failures/failure.ts';
import type { ClaimAnswer, ClaimStage, Settlement, SettleResult } from '../../src/domain/jobs/settlement.ts';
import type { Slot } from '../../src/domain/jobs/slot.ts';
import { compileSection } from '../../src/programs/template/section.ts';
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
  /** Of the claim that a dead worker left. */
  claimStage?: ClaimStage;
  isRedelivered?: boolean;
  limitMs?: number;
  settles?: SettleResult;
  /** Whether the lease outlasted the claim. */
  isCurrent?: boolean;
  /** The version of the program when the job is prepared, and when it is claimed. */
  versions?: [string, string];
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
    claimStage,
    isRedelivered = false,
    limitMs = 0,
    settles = { kind: 'recorded' },
    isCurrent = true,
    versions: [version, versionAtClaim] = ['v1', 'v1'],
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
    isCurrent: () => isCurrent,
    release(use = { wasUsed: true }) {
      seen.slots.push(use.wasUsed);
      releaseSlot?.();
    },
  };
  const seen = {
    settled: [] as Settlement[],
    claims: [] as (ClaimStage | undefined)[],
    slots: [] as boolean[],
    programs: [] as (string | undefined)[],
    released: 0,
    parked: [] as number[],
    calls: [] as unknown[],
    doubts: 0,
  };
  const answerWith = <T>(good: T) => (fails === undefined ? good : { ok: false as const, failure: fails });
  const ledger: Ledger = {
    claim: async (_job, { stage, repeatsUnknown = false } = {}) => {
      seen.claims.push(stage);
      const answer = claim === 'sent-before' && repeatsUnknown ? 'go' : claim;
      return { answer, programVersion: versionAtClaim, waitMs: 7000 };
    },
    claimStage: async () => claimStage,
    programVersion: async () => version,
    park: async ({ attempts = 0 }) => {
      seen.parked.push(attempts);
      return 'parked';
    },
    release: async () => {
      seen.released += 1;
    },
    settle: async (_job, settlement) => {
      seen.settled.push(settlement);
      return settles;
    },
  };
  const clock = () => now;
  const deadLetter = makeDeadLetter({ ledger, clock, log: silent });
  const { handle } = makeHandler({
    ledger,
    api: {
      create: async (compose) => {
        if (isBreakerOpen(fails)) return { ok: false, failure: fails };
        const body = await compose();
        if (body === undefined) return { ok: false, isWithdrawn: true };
        seen.calls.push(body);
        return answerWith({ ok: true as const, pass: { passId: 'p-1', answer: { data: { id: 'p-1' } } } });
      },
      patch: async (passId, compose) => {
        if ((await compose()) === undefined) return { ok: false, isWithdrawn: true };
        seen.calls.push(passId);
        return answerWith({ ok: true as const });
      },
      doubtCreates: () => void (seen.doubts += 1),
      // In an outage it would take two seconds; here it takes until the slot is released.
      excuse: async (_action, failed) => {
        await slotReleased;
        return failed;
      },
    },
    findProgram: async (name, wanted) => {
      seen.programs.push(wanted);
      return name === program.name ? program : undefined;
    },
    notificationWait: async () => limitMs,
    drawVoucher: async () => undefined,
    retryDelaysMs: [5000, 60_000],
    onUnknown,
    clock,
    monotonic: makeMonotonicClock(clock),
    random: () => 0,
    log: silent,
  });
  const delivered = {
    ...queued({ ...job, attempts: attempt - 1 }),
    ...(isRedelivered && { isRedelivered }),
  };
  return {
    handle: () => handle(delivered, slot),
    deadLetter: (isAlone = true) => deadLetter(delivered, { attempts: attempt, isAlone }),
    seen,
  };
}

/** The failures of calls that are not admitted. */
function isBreakerOpen(fails: Failure | undefined): fails is Failure {
  return fails?.code === 'PM_CREATES_PAUSED' || fails?.code === 'PM_TOKEN_REJECTED';
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
          },
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
    ['PM_CREATES_PAUSED', { kind: 'wait', delayMs: 5000, pausesQueue: false }, undefined, 0],
    ['PM_UNAVAILABLE', { kind: 'retry', delayMs: 5000 }, undefined, 1],
    ['PM_UNREACHABLE', { kind: 'retry', delayMs: 5000 }, undefined, 1],
    ['PM_TOKEN_REJECTED', { kind: 'wait', delayMs: 5000 }, undefined, 0],
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

  it('after the claim but before the call is retried, too', async () => {
    let renders = 0;
    const again = makeTemplate(() => {
      renders += 1;
      if (renders === 2) throw new Error('no such thing');
      return { ok: true, body: {} };
    });
    const seen = await run({ program: makeProgram({ create: again }), versions: ['v1', 'v2'] });
    expect(seen.outcome).toMatchObject({ kind: 'retry', failure: { code: 'JOB_BUG' } });
    expect(seen).toMatchObject({ claims: ['sent'], calls: [], settled: [], released: 1 });
  });

  it('in a create that may have been sent is unknown, unless onUnknown=retry', async () => {
    const attributes = makeTemplate(() => {
      throw new Error('no such thing');
    });
    const why = { code: 'PM_UNKNOWN_CRASH', detail: 'no such thing' };
    const { outcome, settled, released } = await run({ program: makeProgram({ attributes }) });
    expect(outcome).toMatchObject({ kind: 'unknown', failure: why });
    expect(settled).toMatchObject([{ state: 'unknown', failure: why }]);
    expect(released).toBe(0);
    const repeated = await run({ program: makeProgram({ attributes }), onUnknown: 'retry' });
    expect(repeated.outcome).toMatchObject({ kind: 'retry', failure: { code: 'JOB_BUG' } });
  });
});

function jobWith(n: number) {
  return makeQueued(1, { customer: { ids: { registered: 'c-1' }, attributes: { n } } });
}

describe('a template that traps its engine', () => {
  const compiled = compileSection('create', { a: '{{ "ab" * (customer.n | int) }}' });
  if (!compiled.ok) throw new Error(compiled.problems[0]?.problem);
  const program = makeProgram({ create: compiled.template });

  it('rejects its own job without a call, and the next job is sent', async () => {
    const trapped = await run({ program, job: jobWith(2_000_000_000) });
    expect(trapped).toMatchObject({
      calls: [],
      outcome: { kind: 'reject', failure: { code: 'TEMPLATE_FAILED' } },
      settled: [{ state: 'rejected' }],
    });
    const next = await run({ program, job: jobWith(2) });
    expect(next).toMatchObject({ calls: ['{"a":"abab"}'], outcome: { kind: 'done' } });
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
    const { deadLetter, seen } = setUp({ claimStage: 'sent', job: makeQueued(1, { action: 'update' }) });
    expect(await deadLetter()).toMatchObject({ code: 'JOB_POISONED' });
    expect(seen.settled).toMatchObject([{ state: 'failed', failure: { code: 'JOB_POISONED' } }]);
  });

  it('is not settled if it was not claimed', async () => {
    const { deadLetter, seen } = setUp({});
    expect(await deadLetter()).toBeUndefined();
    expect(seen.settled).toEqual([]);
  });

  it('is unknown if it is a create, so that it is not repeated automatically', async () => {
    const { deadLetter, seen } = setUp({ claimStage: 'sent' });
    await deadLetter();
    expect(seen.settled).toMatchObject([{ state: 'unknown', failure: { code: 'PM_UNKNOWN_CRASH' } }]);
  });

  it('fails if it is a create that was only prepared: nothing was sent', async () => {
    const { deadLetter, seen } = setUp({ claimStage: 'prepared' });
    expect(await deadLetter()).toMatchObject({ code: 'JOB_POISONED' });
    expect(seen.settled).toMatchObject([{ state: 'failed' }]);
  });

  it.each(['create', 'update'] as const)(
    'is requeued by itself if others of its batch job may have caused it: %s',
    async (action) => {
      const stage = action === 'create' ? 'prepared' : 'sent';
      const { deadLetter, seen } = setUp({ claimStage: stage, job: makeQueued(1, { action }) });
      expect(await deadLetter(false)).toBeUndefined();
      expect(seen).toMatchObject({ settled: [], released: 1 });
    },
  );

  it('is left alone if a slow worker has settled it meanwhile', async () => {
    const { deadLetter } = setUp({ claimStage: 'sent', settles: { kind: 'stands', state: 'done' } });
    expect(await deadLetter()).toBeUndefined();
  });
});

describe('the claim of a job', () => {
  it('is made once, as sent, when nothing but the connection delays the call', async () => {
    expect(await run({ permitMs: 10_000 })).toMatchObject({ outcome: { kind: 'done' }, claims: ['sent'] });
    const closed = await run({ fails: failure('PM_CREATES_PAUSED', '') });
    expect(closed).toMatchObject({ claims: [], settled: [], slots: [false] });
  });

  it('is made for the preparation, too, if an earlier worker may have died on the job', async () => {
    expect(await run({ isRedelivered: true })).toMatchObject({ claims: ['prepared', 'sent'] });
  });

  it.each([
    ['halted', { kind: 'parked' }],
    ['gate', { kind: 'wait', reason: { why: 'gate' }, delayMs: 7000, pausesQueue: true }],
    ['has-card', { kind: 'skip', reason: 'has-card' }],
  ] as const)('answered with %s ends the run, and gives its rate token back', async (claim, expected) => {
    const { outcome, calls, slots } = await run({ claim });
    expect(outcome).toEqual(expected);
    expect({ calls, slots }).toEqual({ calls: [], slots: [false] });
  });

  it('answered with creates-paused waits, and puts creates of this process in doubt, too', async () => {
    const { outcome, calls, slots, doubts } = await run({ claim: 'creates-paused' });
    expect(outcome).toMatchObject({
      kind: 'wait',
      reason: { failure: { code: 'PM_CREATES_PAUSED' } },
      delayMs: 7000,
      pausesQueue: false,
    });
    expect({ calls, slots, doubts }).toEqual({ calls: [], slots: [false], doubts: 1 });
  });

  it('comes before the end of a job that cannot be sent', async () => {
    const create = makeTemplate(() => ({ ok: false, failure: failure('ROW_FIELD_MISSING', 'email') }));
    const program = makeProgram({ create });
    expect(await run({ program, claim: 'halted' })).toMatchObject({
      outcome: { kind: 'parked' },
      settled: [],
    });
    expect(await run({ program, claim: 'sent-before' })).toMatchObject({
      outcome: { kind: 'unknown', failure: { code: 'PM_UNKNOWN_CRASH' } },
    });
  });

  it('is released if the lease ran out before the call', async () => {
    const { outcome, released, calls } = await run({ isCurrent: false });
    expect(outcome).toMatchObject({ kind: 'wait', reason: { why: 'permit-expired' }, delayMs: 0 });
    expect({ released, calls }).toEqual({ released: 1, calls: [] });
  });

  it('brings the version of the program that the campaign uses now', async () => {
    expect((await run({ versions: ['v1', 'v2'] })).programs).toEqual(['v1', 'v2']);
    expect((await run({})).programs).toEqual(['v1']);
  });

  it('is not made if the process shuts down', async () => {
    const { outcome, released, claims, calls, settled } = await run({ permitMs: Infinity });
    expect(outcome).toEqual({ kind: 'wait', reason: { why: 'stopping' }, delayMs: 0, pausesQueue: false });
    expect({ released, claims, calls, settled }).toEqual({ released: 0, claims: [], calls: [], settled: [] });
  });
});

describe('an outcome', () => {
  it('is what the ledger made of the settlement', async () => {
    const replaced = await run({ settles: { kind: 'recorded', replaced: 'unknown' } });
    expect(replaced.outcome).toMatchObject({ kind: 'done', replaced: 'unknown' });
    const stands = await run({
      settles: { kind: 'stands', state: 'done' },
      fails: failure('PM_UNKNOWN_TIMEOUT', ''),
    });
    expect(stands.outcome).toEqual({ kind: 'skip', reason: 'settled' });
    const repeated = await run({ settles: { kind: 'repeated' } });
    expect(repeated.outcome).toMatchObject({ kind: 'done' });
  });

  it.each([
    [true, { data: { id: 'p-1' } }],
    [false, undefined],
  ])('with a second card has the answer of the newer one: %s', async (isNewest, answer) => {
    const why = failure('PM_SECOND_CARD', 'p-1');
    const { outcome } = await run({ settles: { kind: 'second-card', failure: why, isNewest } });
    expect(outcome).toEqual({ kind: 'second-card', failure: why, ...(answer !== undefined && { answer }) });
  });
});
