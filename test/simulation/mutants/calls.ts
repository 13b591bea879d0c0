/** Bugs in the worker and in the limiter of its calls. */

import type { Mutant } from './mutant.ts';

const answers = 'passmachine/answers.ts';

export const callMutants: readonly Mutant[] = [
  {
    name: 'a 502 is retried',
    file: answers,
    find: `return 'PM_UNKNOWN_ERROR';`,
    replace: `return 'PM_UNAVAILABLE';`,
  },
  {
    name: 'a 504 is retried',
    file: answers,
    find: `return 'PM_UNKNOWN_TIMEOUT';`,
    replace: `return 'PM_UNAVAILABLE';`,
  },
  {
    name: 'a bare 503 is retried',
    file: answers,
    find: 'if (status === 503 && retryAfterMs !== undefined)',
    replace: 'if (status === 503)',
  },
  {
    name: 'a reset call is retried',
    file: answers,
    find: `failure(reason === 'timeout' ? 'PM_UNKNOWN_TIMEOUT' : 'PM_UNKNOWN_RESET', detail)`,
    replace: `failure('PM_UNREACHABLE', detail)`,
  },
  {
    name: 'a page of a gateway rejects the row',
    file: answers,
    find: "return failure('PM_UNKNOWN_ERROR', `answered",
    replace: "return failure('PM_REFUSED', `answered",
  },
  {
    name: 'an unknown create is retried',
    file: 'worker/settle.ts',
    find: `if (onUnknown === 'retry')`,
    replace: 'if (true)',
  },
  {
    name: 'a refused claim is sent',
    file: 'worker/handle.ts',
    find: `const claim = await endings.claim(run, 'sent', isTrial);`,
    replace: `await endings.claim(run, 'sent', isTrial); const claim = {};`,
  },
  {
    name: 'a call does not wait for its permit',
    file: 'worker/handle.ts',
    find: 'if (!(await slot.waitForPermit()))',
    replace: 'if (!(await true))',
  },
  {
    name: 'a retry keeps its claim',
    file: 'worker/settle.ts',
    find: 'await ledger.release(run.job, why, retryMs);',
    replace: '',
  },
  {
    name: 'a halted job is dropped',
    file: 'worker/settle.ts',
    find: 'const result = await ledger.park(job);',
    replace: `const result = 'parked';`,
  },
  {
    name: 'a retry is not requeued',
    file: 'queue/batch-job-run.ts',
    find: 'return queue.retryLater({ ...job, attempts: (job.attempts ?? 0) + 1 }, outcome.delayMs, priority);',
    replace: 'return;',
  },
  {
    name: 'a waiting job is not requeued',
    file: 'queue/batch-job-run.ts',
    find: 'await queue.retryLater(job, outcome.delayMs, priority);',
    replace: 'await undefined;',
  },
  {
    name: 'a job that was given back is forgotten',
    file: 'queue/batch-job-run.ts',
    find: "giveBack(job, 'gate');",
    replace: '',
  },
  {
    name: 'calls start after the lease',
    file: 'limiter/slot-scheduler.ts',
    find: 'const maxCalling = clock() <= permitsUntil ? permits : 0;',
    replace: 'const maxCalling = permits;',
    equivalent: 'harmless: the permit is checked again after the claim, and such a call is withdrawn',
  },
  {
    name: 'a lost permit is used',
    file: 'limiter/slot-scheduler.ts',
    find: `isCurrent: () => state === 'calling' && losses === lossesBefore && clock() <= permitsUntil`,
    replace: 'isCurrent: () => true',
  },
  {
    name: 'one call more than permits',
    file: 'limiter/slot-scheduler.ts',
    find: 'while (inFlight < maxCalling',
    replace: 'while (inFlight <= maxCalling',
  },
  {
    name: 'permits of others are ignored',
    file: 'limiter/permits.ts',
    find: 'math.max(0, math.min(due, cap - heldByOthers))',
    replace: 'math.max(0, due)',
  },
  {
    name: 'the lease of another ends early',
    file: 'limiter/permits.ts',
    find: 'if tonumber(leaseEnd) < now then',
    replace: 'if tonumber(leaseEnd) < now + 6000 then',
  },
  {
    name: 'a call may outlast its lease',
    file: 'limiter/call-limiter.ts',
    find: 'heldUntil = renewedAt + permits.leaseMs - callTimeoutMs;',
    replace: 'heldUntil = renewedAt + permits.leaseMs;',
  },
  {
    name: 'permits are kept while they are given up',
    file: 'limiter/call-limiter.ts',
    find: 'held = Math.min(held, keep);',
    replace: '',
    equivalent:
      'harmless with one connection to Redis: the claim of a call that starts meanwhile is answered after the grant, and the call is withdrawn',
  },
];
