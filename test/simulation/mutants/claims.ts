/** Bugs in the claim and the settlement of a job. */

import type { Mutant } from './mutant.ts';

const claim = 'ledger/jobs/claim.ts';
const settle = 'ledger/jobs/settle.ts';
const late = 'ledger/jobs/late-settlement.ts';

export const claimMutants: readonly Mutant[] = [
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
];
