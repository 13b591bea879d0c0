/** Bugs in the write-back, the feeder and the switches of campaigns. */

import type { Mutant } from './mutant.ts';

export const campaignMutants: readonly Mutant[] = [
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
