/** The reasons for waiting, derived from facts. */

import { describe, expect, it } from 'vitest';
import type { Campaign } from '../../../src/domain/campaigns/campaign.ts';
import type { Heartbeat } from '../../../src/domain/monitoring/heartbeat.ts';
import { reasonsOf, waitCauses } from '../../../src/domain/monitoring/wait-reason.ts';
import type { WaitFacts } from '../../../src/services/monitoring/wait-facts.ts';
import { findWaitReasons } from '../../../src/services/monitoring/wait-reasons.ts';
import { makeCampaign, makeQueued } from '../../support/make.ts';
import { makeWaitFacts, makeWorker, NOW, quiet } from '../../support/wait-facts.ts';

const HOUR_MS = 3_600_000;

const healthy = makeWorker({ breaker: { state: 'closed' }, token: { renews: true } });
const running = makeCampaign({ id: 'loyalty-1', status: 'running', rows: 2, pending: 2, fed: true });

const facts = (more: Partial<WaitFacts> = {}) => makeWaitFacts(running, { alive: [healthy], ...more });

const causes = (more: Partial<WaitFacts>) => findWaitReasons(facts(more)).map(({ cause }) => cause);
const alive = (more: Partial<Heartbeat>) => ({ alive: [{ ...healthy, ...more }] });
const campaign = (more: Partial<Campaign>) => ({ campaigns: [{ ...running, ...more }] });
const failed = { at: NOW, code: 'PM_TOKEN_REJECTED', detail: 'HTTP 401' } as const;
const unsaved = { status: 'finished', pending: 0, writeBacks: 3 } as const;
const pause = { leftMs: 5000, since: NOW, code: 'BR_UNAVAILABLE', status: 503, detail: 'HTTP 503' } as const;
const dueRun = {
  id: 'nightly-1',
  schedule: 'nightly',
  due: NOW,
  cause: 'due',
  at: NOW,
  makesUpFor: 0,
} as const;
const quietHours = { from: 11 * 60, to: 15 * 60, zone: 'UTC', policy: 'hold' } as const;
const retried = { job: { ...makeQueued(1, { campaign: running.id }), attempts: 2 }, dueAt: NOW + 30_000 };

describe('the reasons for waiting', () => {
  it('are none while calls are made', () => {
    expect(findWaitReasons(facts())).toEqual([]);
  });

  it.each<[string, Partial<WaitFacts>, RegExp]>([
    ['no-worker', { workers: 0 }, /no worker is running/],
    ['no-worker', { workers: 0, ...alive({ quiet: true }) }, /every worker is quiet/],
    ['token-refused', alive({ token: { renews: true, refused: failed } }), /PM_TOKEN_REJECTED: HTTP 401/],
    [
      'passmachine-down',
      alive({
        breaker: { state: 'open', until: NOW },
        upstreams: {
          passmachine: {
            ...quiet,
            lastFailure: { ...failed, code: 'PM_UNREACHABLE', detail: 'self-signed' },
          },
          bloomreach: quiet,
        },
      }),
      /PM_UNREACHABLE: self-signed/,
    ],
    ['creates-paused', alive({ breaker: { state: 'probing', onlyCreates: true } }), /creates are paused/],
    ['rate-limited', { gateMs: 600_000, gateCause: 'PM_RATE_LIMITED' }, /pause \(429\) of another 10 min/],
    ['calls-stalled', alive({ stalled: { since: NOW, text: 'no call for 60 s' } }), /no call for 60 s/],
    ['no-feeder', { ...campaign({ fed: false }), feeders: 0 }, /no feeder/],
    [
      'no-feeder',
      { ...campaign({ fed: false }), feeders: 0, ...alive({ quiet: true, roles: ['feeder'] }) },
      /every feeder is quiet/,
    ],
    [
      'source-unreadable',
      campaign({ feedProblem: { reason: 'ENOENT: export.csv', since: NOW, attempts: 4 } }),
      /in 4 attempts: ENOENT: export\.csv/,
    ],
    [
      'run-not-started',
      { dueRuns: [{ ...dueRun, note: '@nightly is incomplete.' }] },
      /nightly is incomplete$/,
    ],
    ['quiet-hours', campaign({ guards: { quietHours } }), /another 3 h/],
    ['notification-limit', { limitedUntil: new Map([[running.id, NOW + 2 * HOUR_MS]]) }, /another 2 h/],
    ['behind-others', { stopped: new Set([running.id]) }, /queued behind those of other campaigns/],
    [
      'no-success',
      { stopped: new Set([running.id]), lastSuccessAt: NOW - 31_000 },
      /no call .+ in the last 30 s/,
    ],
    ['retrying', { isCalling: false, delayed: [retried] }, /next in 30 s/],
    [
      'throttled',
      { isCalling: false, ...campaign({ fed: false, guards: { sendingRate: { perSecond: 1 } } }) },
      /spread over time/,
    ],
    ['bloomreach-down', { ...campaign(unsaved), bloomreachPause: pause }, /BR_UNAVAILABLE: HTTP 503.+in 5 s/],
    [
      'import-not-fetched',
      { ...campaign({ ...unsaved, importAbove: 3, expected: 3 }), openImports: 2 },
      /2 import files/,
    ],
  ])('name the cause %s and what to do', (cause, more, text) => {
    const [reason, ...others] = findWaitReasons(facts(more));
    expect(others).toEqual([]);
    expect(reason).toMatchObject({ cause, text: expect.stringMatching(text) });
    expect(reason?.text).toMatch(/^[^A-Z]|^(Passmachine|Bloomreach)/);
    expect(reason?.remedy).toMatch(/^[A-Z].+\w$|^[A-Z].+\.$/);
  });

  it('begin with the one to fix first', () => {
    const found = causes({
      ...alive({ token: { renews: true, refused: failed } }),
      workers: 0,
      gateMs: 1000,
      ...campaign({ guards: { quietHours } }),
    });
    expect(found).toEqual(['no-worker', 'token-refused', 'rate-limited', 'quiet-hours']);
    expect(waitCauses.indexOf('redis-away')).toBe(0);
  });

  it('leave out what does not hold the campaign back', () => {
    expect(causes({ gateMs: 1000, gateCause: 'PM_DOWN' })).toEqual([]);
    expect(causes({ dueRuns: [dueRun] })).toEqual([]);
    expect(causes({ isCalling: true, delayed: [retried] })).toEqual([]);
    expect(causes(campaign({ guards: { quietHours: { ...quietHours, policy: 'drop' } } }))).toEqual([]);
    expect(causes(campaign({ guards: { quietHours: { ...quietHours, from: 13 * 60 } } }))).toEqual([]);
    // Calls are left to be made, but no result waits for Bloomreach.
    expect(causes({ bloomreachPause: pause, openImports: 2 })).toEqual([]);
  });

  it.each(['paused', 'held', 'stopped'] as const)('are none for a campaign that is %s', (status) => {
    const halted = campaign({
      status,
      guards: { quietHours },
      feedProblem: { reason: '', since: 0, attempts: 9 },
    });
    expect(causes({ ...halted, gateMs: 1000, feeders: 0 })).toEqual([]);
  });

  it('follow the time zone of each customer if they have their own', () => {
    const guards = { quietHours: { ...quietHours, zoneAttribute: 'zone' } };
    const job = makeQueued(1, { campaign: running.id });
    const inTokyo = { job: { ...job, quietHours: { ...quietHours, zone: 'Asia/Tokyo' } }, dueAt: NOW };
    const inUtc = { job: { ...job, quietHours }, dueAt: NOW };
    expect(causes({ ...campaign({ guards }), delayed: [inTokyo] })).toEqual([]);
    expect(causes({ ...campaign({ guards }), delayed: [inTokyo, inUtc] })).toEqual(['quiet-hours']);
  });

  it('of one campaign do not include those of another', () => {
    const reasons = findWaitReasons(
      facts({ campaigns: [running, { ...running, id: 'other', guards: { quietHours } }], gateMs: 1000 }),
    );
    expect(reasonsOf(reasons, running.id).map(({ cause }) => cause)).toEqual(['rate-limited']);
    expect(reasonsOf(reasons, 'other').map(({ cause }) => cause)).toEqual(['rate-limited', 'quiet-hours']);
  });
});
