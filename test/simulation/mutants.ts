/**
 * Planted bugs. Each replaces a text of one source file that occurs there once; `npm run simulation -- --mutants` plays
 * worlds with each until an invariant is violated.
 */

export interface Mutant {
  name: string;
  /** Below `src/`. */
  file: string;
  find: string;
  replace: string;
  /** Why it cannot be found, if it changes nothing that users notice. */
  equivalent?: string;
}

const claim = 'ledger/jobs/claim.ts';
const settle = 'ledger/jobs/settle.ts';
const late = 'ledger/jobs/late-settlement.ts';
const answers = 'passmachine/answers.ts';

export const mutants: readonly Mutant[] = [
  // The claim
  {
    name: 'claim forgets that a dead worker sent the create',
    file: claim,
    find: `if isCreate == '1' and repeatsUnknown == '0' and isSentByOther(current, id, delivery, run) then`,
    replace: 'if false then',
  },
  {
    name: 'claim drops the nonce of the run',
    file: claim,
    find: `return claim ~= delivery .. '#' .. run\n`,
    replace: `return claim:match('^[^#]*') ~= delivery\n`,
  },
  {
    name: 'claim ignores a fresh card',
    file: claim,
    find: `if issuedBy and replacesCard == '0' then return 'has-card' end`,
    replace: '',
  },
  {
    name: 'claim ignores a duplicate row',
    file: claim,
    find: `if issuedBy and issuedBy == serial then return 'duplicate' end`,
    replace: '',
  },
  {
    name: 'claim lets two calls of a customer fly',
    file: claim,
    find: `if owner and not isOwn then return owner:sub(1, 1) == '?' and 'card-unknown' or 'customer-busy' end`,
    replace: '',
  },
  {
    name: 'claim ignores that the campaign is halted',
    file: claim,
    find: `if status and status ~= 'running' then`,
    replace: 'if false then',
  },
  {
    name: 'claim is not stored',
    file: claim,
    find: `redis.call('SET', inFlight, isSent == '1' and claim or claim .. '~', 'PX', ttl)`,
    replace: '',
  },
  {
    name: 'claim says prepared when sent',
    file: claim,
    find: `isSent == '1' and claim or claim .. '~'`,
    replace: `claim .. '~'`,
  },
  {
    name: 'claim expires during the call',
    file: claim,
    find: 'ttl: isSent ? ttlOf(job) : PREPARED_TTL_MS',
    replace: 'ttl: 1000',
  },
  {
    name: 'claim of a settled row is granted',
    file: claim,
    find: `if redis.call('GETBIT', settled, row) == 1 then return 'settled' end`,
    replace: '',
  },
  // The settlement
  {
    name: 'settle without first writer',
    file: settle,
    find: `if redis.call('SETBIT', settled, row, 1) == 1 then`,
    replace: `if redis.call('SETBIT', settled, row, 1) == 2 then`,
  },
  {
    name: 'settle does not count',
    file: settle,
    find: `redis.call('HINCRBY', campaign, state, 1)`,
    replace: '',
  },
  {
    name: 'settle does not mark the row',
    file: settle,
    find: `if redis.call('SETBIT', settled, row, 1) == 1 then`,
    replace: 'if false then',
  },
  {
    name: 'settle forgets the write-back',
    file: settle,
    find: `if writeBack ~= '' then`,
    replace: 'if false then',
  },
  {
    name: 'settle keeps the claim of a done row',
    file: settle,
    find: `\nelseif isOwn then redis.call('DEL', inFlight) end\nif skipReason`,
    replace: '\nend\nif skipReason',
  },
  {
    name: 'settle forgets the doubt about an unknown create',
    file: settle,
    find: `redis.call('SET', inFlight, '?' .. job, 'PX', cardTtl)`,
    replace: `redis.call('DEL', inFlight)`,
  },
  {
    name: 'settle does not remember the card',
    file: 'ledger/jobs/settled-facts.ts',
    find: `local before = redis.call('SET', card, issued, 'PX', cardTtl, 'GET')`,
    replace: `local before = redis.call('GET', card)`,
  },
  {
    name: 'settle does not record the notification',
    file: settle,
    find: `if notified == '1' then recordNotification(notifications, now) end`,
    replace: '',
  },
  {
    name: 'late proof is ignored',
    file: late,
    find: `if cardDigest == '' then return`,
    replace: 'if true then return',
  },
  {
    name: 'late proof counts the row twice',
    file: late,
    find: `if stateNow ~= 'open' then redis.call('HINCRBY', campaign, stateNow, -1) end`,
    replace: '',
  },
  // The worker
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
  // The limiter
  {
    name: 'calls start after the lease',
    file: 'limiter/slot-scheduler.ts',
    find: 'const maxCalling = clock() <= permitsUntil ? permits : 0;',
    replace: 'const maxCalling = permits;',
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
  },
  // The write-back
  {
    name: 'a failed batch counts as delivered',
    file: 'bloomreach/tracking.ts',
    find: `return { kind: 'failed', failure: failed };`,
    replace: `return { kind: 'answered', refused: new Map() };`,
  },
  {
    name: 'a leased write-back is removed',
    file: 'ledger/write-back/outbox.ts',
    find: `redis.call('ZADD', due, 'XX', unpack(leased))`,
    replace: `redis.call('ZREM', due, ids[1])`,
  },
  {
    name: 'write-backs carry no date',
    file: 'bloomreach/tracking.ts',
    find: '{ ...data, update_timestamp: at / 1000 }',
    replace: 'data',
  },
  {
    name: 'a failed batch waits for ever',
    file: 'ledger/write-back/bloomreach-pause.ts',
    find: `return till and math.max(0, till - now) or 0, till and true or false`,
    replace: `return till and 1 or 0, till and true or false`,
  },
  // The feeder, campaigns, limits
  {
    name: 'rows are not counted',
    file: 'ledger/campaigns/accept-rows.ts',
    find: `if upTo > tonumber(redis.call('HGET', campaign, 'rows')) then`,
    replace: 'if false then',
  },
  {
    name: 'filtered rows are counted again',
    file: 'ledger/campaigns/accept-rows.ts',
    find: `if redis.call('SETBIT', settled, row, 1) == 0 then`,
    replace: `if redis.call('SETBIT', settled, row, 1) < 2 then`,
  },
  {
    name: 'the position moves although nothing is queued',
    file: 'campaign/feeder.ts',
    find: 'await enqueue(jobs);',
    replace: 'await jobs;',
  },
  {
    name: 'parked jobs are removed before they are queued',
    file: 'services/campaigns/requeue.ts',
    find: 'await passQueue.add(jobs, priority);',
    replace: '',
  },
  {
    name: 'pause does not halt',
    file: 'ledger/campaigns/campaign-switch.ts',
    find: `redis.call('HSET', KEYS[1], 'status', to, 'halt', halt)`,
    replace: '',
  },
  {
    name: 'resume does not start',
    file: 'ledger/campaigns/campaign-switch.ts',
    find: `redis.call('HSET', KEYS[1], 'status', to)\n`,
    replace: '\n',
  },
  {
    name: 'the notification limit is off by one',
    file: 'ledger/jobs/notification-limits.ts',
    find: 'redis.lindex(keys.notifications(job), max - 1)',
    replace: 'redis.lindex(keys.notifications(job), max)',
  },
  {
    name: 'a voucher is drawn without being taken',
    file: 'ledger/campaigns/vouchers.ts',
    find: `redis.call('LPOP', left)`,
    replace: `redis.call('LINDEX', left, 0)`,
  },
];
