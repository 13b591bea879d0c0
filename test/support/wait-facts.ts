/** Facts about an installation in which everything works: a campaign with two calls left, one worker and one feeder. */

import type { Campaign } from '../../src/domain/campaigns/campaign.ts';
import type { Heartbeat } from '../../src/domain/monitoring/heartbeat.ts';
import type { WaitFacts } from '../../src/services/monitoring/wait-facts.ts';

/** Noon in UTC, the time of the facts. */
export const NOW = Date.UTC(2026, 10, 30, 12);

/** Calls to an upstream that has answered all. */
export const quiet = { recent: { calls: 0, failures: 0 }, consecutiveFailures: 0 };

/** The heartbeat of a worker, at {@link NOW}. */
export function makeWorker(more: Partial<Heartbeat> = {}): Heartbeat {
  return {
    process: 'a',
    pid: 1,
    host: 'here',
    version: '1.0.0',
    roles: ['worker'],
    since: 1,
    at: NOW,
    upstreams: { passmachine: quiet, bloomreach: quiet },
    ...more,
  };
}

/** `running`: the only open campaign. */
export function makeWaitFacts(running: Campaign, more: Partial<WaitFacts> = {}): WaitFacts {
  return {
    now: NOW,
    campaigns: [running],
    open: [running],
    queued: 2,
    unsaved: 0,
    lastSuccessAt: NOW,
    stopped: new Set(),
    alive: [makeWorker()],
    workers: 1,
    feeders: 1,
    gateMs: 0,
    gateCause: undefined,
    isCalling: true,
    delayed: [],
    limitedUntil: new Map(),
    bloomreachPause: undefined,
    openImports: 0,
    dueRuns: [],
    ...more,
  };
}
