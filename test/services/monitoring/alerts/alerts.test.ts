import { expect, it } from 'vitest';
import type { Problem } from '../../../../src/domain/monitoring/health.ts';
import {
  alertCodes,
  type AlertCode,
  type CampaignOverview,
} from '../../../../src/domain/monitoring/overview.ts';
import { type AlertFacts, findAlerts } from '../../../../src/services/monitoring/alerts/alerts.ts';
import { makeCampaign } from '../../../support/make.ts';
import { NOW } from '../../../support/wait-facts.ts';

const MINUTE = 60_000;
const rates = { perSecond: 0, failuresPerSecond: 0, from: NOW, stepMs: 10_000 };
const noCalls = { ...rates, calls: [], failures: [], p50: [], p95: [] };
const aProcess = { process: 'a', pid: 7, host: 'here', version: '1.0.0', since: 1 };

/** Facts of an installation in which all is well. */
function calm(more: Partial<AlertFacts> = {}): AlertFacts {
  return {
    at: NOW,
    health: { state: 'idle', headline: '', problems: [], at: NOW },
    slots: [],
    rates: { passmachine: noCalls, bloomreach: noCalls },
    limits: { inFlight: 10, perSecond: undefined },
    queue: { waiting: 0, delayed: 0, active: 0 },
    writeback: { waiting: 0, importBatches: 0 },
    upstreams: { passmachine: { state: 'ok' }, bloomreach: { state: 'ok' } },
    workers: [aProcess],
    feeders: [aProcess],
    web: [aProcess],
    campaigns: [],
    waits: [],
    gateMs: 0,
    invalidFile: undefined,
    outdated: [],
    stalled: [],
    memory: { used: 1, limit: undefined },
    restored: undefined,
    secondCards: [],
    vouchers: [],
    undecided: new Map(),
    ...more,
  } as AlertFacts;
}

/** The health with one problem. */
function troubled(code: Problem['code'], since?: number): Pick<AlertFacts, 'health'> {
  const problem = { code, headline: '', detail: '', remedy: '', ...(since !== undefined && { since }) };
  return { health: { state: 'waiting', headline: '', problems: [problem], at: NOW } };
}

const campaign = (more: Partial<CampaignOverview>): CampaignOverview => ({
  ...makeCampaign({ id: 'run' }),
  byWebhook: false,
  ...more,
});

const held = campaign({
  status: 'held',
  halt: { kind: 'canary', reason: 'The test batch is finished.', by: 'passbridge', at: 5 },
});
const unreadable = campaign({ feedProblem: { reason: 'ENOENT', since: 6, attempts: 3 } });
const restoredHalt = {
  kind: 'restored',
  reason: 'The store went back in time.',
  by: 'passbridge',
  at: 9,
} as const;

/** For each code the facts that raise it, and what the alert says. */
const raised: Readonly<Record<AlertCode, [Partial<AlertFacts>, object]>> = {
  STORE_RESTORED: [
    { restored: { notice: { ...restoredHalt, cause: 'went-back' }, reconciled: new Map() } },
    { text: 'The store went back in time.', since: 9 },
  ],
  REDIS_NEARLY_FULL: [
    { memory: { used: 859, limit: 1000 } },
    { text: 'Redis is at 85 % of maxmemory; when it is full, all processing stops.' },
  ],
  TOKEN_REJECTED: [
    {
      ...troubled('token-refused', 3),
      token: { renews: true, refused: { at: 3, code: 'PM_TOKEN_REJECTED', detail: 'HTTP 401' } },
    },
    { text: 'Passmachine rejects the credentials: HTTP 401', since: 3 },
  ],
  NO_WORKER: [
    {
      ...troubled('no-worker'),
      workers: [],
      queue: { waiting: 2, delayed: 1, active: 0, oldestMs: 60_000 },
      writeback: { waiting: 1, importBatches: 0 },
    },
    { text: 'No worker is running, and 4 jobs are waiting.', since: NOW - 60_000 },
  ],
  PASSMACHINE_DOWN: [
    {
      ...troubled('passmachine-down'),
      upstreams: {
        passmachine: {
          state: 'down',
          since: 4,
          lastFailure: { at: 4, code: 'PM_UNREACHABLE', detail: 'ECONNREFUSED' },
        },
        bloomreach: { state: 'ok' },
      },
    },
    { text: expect.stringContaining('failed in a row (PM_UNREACHABLE), so calls are paused'), since: 4 },
  ],
  CALLS_STALLED: [
    { stalled: [{ pid: 7, host: 'here', since: 2, text: 'no call for 60 s although work waits' }] },
    { text: 'Worker 7 on here: no call for 60 s although work waits.', since: 2, about: 'here:7' },
  ],
  NO_FEEDER: [
    { ...troubled('no-feeder'), feeders: [{ ...aProcess, quiet: true }] },
    { text: 'Every feeder is quiet, so the remaining rows of a campaign are not read.' },
  ],
  PASSMACHINE_RATE_LIMITED: [
    { gateMs: 2 * MINUTE },
    { text: 'Passmachine asked for a pause: no calls for another 2 minutes.' },
  ],
  WRITEBACK_LATE: [
    { writeback: { waiting: 1, oldestMs: 6 * MINUTE, importBatches: 0 } },
    {
      text: '1 write-back is waiting for Bloomreach, the oldest for 6 minutes.',
      since: NOW - 6 * MINUTE,
    },
  ],
  TOKEN_EXPIRING: [
    { token: { renews: false, leftMs: 3 * 60 * MINUTE } },
    { text: 'PASSMACHINE_TOKEN expires in 3 hours, and passbridge cannot renew it.' },
  ],
  SECOND_CARDS: [
    { secondCards: [{ campaign: 'run', count: 1, since: 8 }] },
    {
      text: 'Passmachine made a second card for 1 customer of campaign run.',
      since: 8,
      about: 'run',
    },
  ],
  PROGRAMS_FILE_INVALID: [
    { invalidFile: { at: 5, problem: 'programs.yaml:3: card is missing' } },
    { text: expect.stringMatching(/active: programs\.yaml:3: card is missing$/), since: 5 },
  ],
  SETTINGS_CHANGED: [
    { outdated: [{ pid: 7, host: 'here', names: ['PORT', 'HOST'], since: 4 }] },
    {
      text: 'Process 7 on here does not have the settings of its .env, which changed PORT, HOST.',
      remedy: 'Restart this process: settings are read at the start. Nothing is lost.',
      since: 4,
      about: 'here:7',
    },
  ],
  VOUCHERS_EMPTY: [
    { vouchers: [{ pool: 'codes.txt', left: 0, drawn: 1 }] },
    {
      text: 'Voucher pool codes.txt is empty after 1 code; cards that need a code wait.',
      about: 'codes.txt',
    },
  ],
  CAMPAIGN_HELD: [
    { campaigns: [held] },
    { text: 'Campaign run waits for an operator: The test batch is finished.', since: 5, about: 'run' },
  ],
  CAMPAIGN_UNREADABLE: [
    { campaigns: [unreadable] },
    {
      text: 'The next rows of campaign run could not be read in 3 attempts: ENOENT',
      since: 6,
      about: 'run',
    },
  ],
  SCHEDULE_MISSED_RUNS: [
    { undecided: new Map([['nightly', { count: 2, first: 1, last: 2 }]]) },
    { text: 'Schedule nightly missed 2 runs and needs a decision.', since: 1, about: 'nightly' },
  ],
};

it('raises no alert while all is well', () => {
  expect(findAlerts(calm())).toEqual([]);
});

it.each(alertCodes)('raises %s', (code) => {
  const [facts, alert] = raised[code];
  const found = findAlerts(calm(facts));
  expect(found).toMatchObject([{ code, ...alert }]);
  expect(found[0]?.remedy).not.toBe('');
});

it('puts the most urgent alert first, and keeps the order of campaigns', () => {
  const second = campaign({ ...held, id: 'second' });
  const found = findAlerts(
    calm({ ...raised.SCHEDULE_MISSED_RUNS[0], ...raised.REDIS_NEARLY_FULL[0], campaigns: [held, second] }),
  );
  expect(found.map(({ code, about }) => [code, about])).toEqual([
    ['REDIS_NEARLY_FULL', undefined],
    ['CAMPAIGN_HELD', 'run'],
    ['CAMPAIGN_HELD', 'second'],
    ['SCHEDULE_MISSED_RUNS', 'nightly'],
  ]);
});

it.each<[string, Partial<AlertFacts>]>([
  ['memory below 85 % of the limit', { memory: { used: 849, limit: 1000 } }],
  ['a pause of less than a minute', { gateMs: MINUTE - 1 }],
  [
    'write-backs that wait for less than five minutes',
    { writeback: { waiting: 9, oldestMs: 299_999, importBatches: 0 } },
  ],
  ['a token that is renewed', { token: { renews: true, leftMs: 1 } }],
  ['a token that is valid for more than a day', { token: { renews: false, leftMs: 25 * 60 * MINUTE } }],
  ['a pool with a code left', { vouchers: [{ pool: 'codes.txt', left: 1, drawn: 9 }] }],
  [
    'a campaign that an operator paused',
    { campaigns: [campaign({ status: 'paused', halt: { kind: 'operator', reason: '', by: 'iva', at: 1 } })] },
  ],
  [
    'a campaign held for a restored store, which has its own alert',
    { campaigns: [campaign({ status: 'held', halt: restoredHalt })] },
  ],
  [
    'two failed attempts to read a file',
    { campaigns: [campaign({ feedProblem: { reason: 'EIO', since: 1, attempts: 2 } })] },
  ],
])('raises no alert for %s', (_what, facts) => {
  expect(findAlerts(calm(facts))).toEqual([]);
});
