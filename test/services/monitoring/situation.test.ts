/** The health of the installation: one state and its problems, judged from facts. */

import { describe, expect, it } from 'vitest';
import { blockerCodes, headlines, type Health } from '../../../src/domain/monitoring/health.ts';
import type { Heartbeat } from '../../../src/domain/monitoring/heartbeat.ts';
import { judge } from '../../../src/services/monitoring/situation.ts';
import type { WaitFacts } from '../../../src/services/monitoring/wait-facts.ts';
import { makeCampaign } from '../../support/make.ts';
import { makeWaitFacts, makeWorker, NOW } from '../../support/wait-facts.ts';

const worker = makeWorker();
const running = makeCampaign({ id: 'run', status: 'running', rows: 2, pending: 2, fed: true });
const finished = makeCampaign({ id: 'old', status: 'finished', rows: 2, pending: 0, fed: true });
const refused = { at: NOW, code: 'PM_TOKEN_REJECTED', detail: 'HTTP 401' } as const;
const pause = { leftMs: 5000, since: NOW, code: 'BR_UNAVAILABLE', status: 503, detail: 'HTTP 503' } as const;

/** The last call succeeded just recently enough. */
const facts = (more: Partial<WaitFacts> = {}) =>
  makeWaitFacts(running, { campaigns: [], lastSuccessAt: NOW - 29_000, ...more });

const healthOf = (more: Partial<WaitFacts> = {}): Health => judge(facts(more)).health;
const alive = (more: Partial<Heartbeat>) => ({ alive: [{ ...worker, ...more }] });

describe('the health', () => {
  it.each<[Health['state'], Partial<WaitFacts>]>([
    ['sending', {}],
    ['waiting', { lastSuccessAt: NOW - 31_000 }],
    ['waiting', { lastSuccessAt: undefined }],
    ['paused', { open: [{ ...running, status: 'paused' }], queued: 0 }],
    [
      'idle',
      { open: [{ ...running, fed: false, status: 'planned', startAt: NOW + 1 }], queued: 0, feeders: 0 },
    ],
    [
      'no-feeder',
      { open: [{ ...running, fed: false, status: 'planned', startAt: NOW }], queued: 0, feeders: 0 },
    ],
    ['idle', { open: [finished], queued: 0, workers: 0, feeders: 0 }],
    ['no-worker', { workers: 0 }],
    ['no-worker', { workers: 0, open: [], queued: 0, unsaved: 1 }],
    ['token-refused', alive({ token: { renews: true, refused } })],
    ['token-refused', alive({ token: { renews: false, leftMs: 0 } })],
    ['passmachine-down', alive({ breaker: { state: 'open', until: NOW } })],
    ['creates-paused', alive({ breaker: { state: 'probing', onlyCreates: true } })],
    ['rate-limited', { gateMs: 5000, gateCause: 'PM_RATE_LIMITED' }],
    ['calls-stalled', alive({ stalled: { since: NOW, text: 'no call for 60 s' } })],
    ['no-feeder', { open: [{ ...running, fed: false }], feeders: 0 }],
  ])('is %s', (state, more) => {
    const health = healthOf(more);
    expect(health).toMatchObject({ state, headline: headlines[state], at: NOW });
    expect(health.problems.map(({ code }) => code)).toEqual(
      blockerCodes.some((code) => code === state) ? [state] : [],
    );
  });

  it('is blocked by a storage that stores nothing before anything else', () => {
    const shortage = { code: 'OOM', problem: 'Redis is full', remedy: 'Give it more memory.' };
    expect(judge(facts({ workers: 0 }), shortage).health).toMatchObject({
      state: 'redis-refuses',
      problems: [{ code: 'redis-refuses', detail: 'Redis is full' }, { code: 'no-worker' }],
    });
  });

  it('names what stops no sending beside its state', () => {
    const invalidFile = { at: 5, problem: 'programs.yaml:3: card is missing' };
    expect(healthOf({ ...alive({ invalidFile }), bloomreachPause: pause })).toMatchObject({
      state: 'sending',
      problems: [
        { code: 'bloomreach-down', headline: expect.stringMatching(/^Saving to Bloomreach is paused/) },
        { code: 'programs-file-invalid', since: 5, detail: expect.stringContaining('card is missing') },
      ],
    });
  });

  it('never says that something is sent while a blocker prevents it', () => {
    for (const code of blockerCodes) expect(headlines[code]).not.toMatch(/^Sending\.|^Nothing to send/);
  });
});
