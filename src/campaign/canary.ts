/** Sends to the first customers of a campaign, and holds the rest until a rule or an operator approves. */

import type { Campaign, CampaignStatus, Halt, HaltedStatus } from '../domain/campaigns/campaign.ts';
import type { Canary } from '../domain/campaigns/safeguards/canary.ts';
import type { Clock, MonotonicClock } from '../kit/clock.ts';
import { poll } from '../kit/poll.ts';

interface CanaryOptions {
  find: (id: string) => Promise<Campaign | undefined>;
  halt: (id: string, to: HaltedStatus, halt: Halt) => Promise<CampaignStatus | undefined>;
  markCanaryPassed: (id: string) => Promise<void>;
  clock: Clock;
  monotonic: MonotonicClock;
}

/** Some jobs may wait hours for their next attempt; the canary is judged without them. */
const MAX_WAIT_MS = 10 * 60_000;
const POLL_MS = 100;

/**
 * Returns a function that waits until the jobs of a canary have ended and then judges it: true if the
 * campaign continues. Otherwise the campaign is held, an operator halted it meanwhile, or the signal aborted.
 */
export function makeCanaryWatch({ find, halt, markCanaryPassed, clock, monotonic }: CanaryOptions) {
  return async (id: string, canary: Canary, signal: AbortSignal): Promise<boolean> => {
    const deadline = monotonic() + MAX_WAIT_MS;
    const state = await poll<Campaign | 'left'>(
      POLL_MS,
      async () => {
        const campaign = await find(id);
        if (campaign?.status !== 'running') return 'left';
        return campaign.inQueue === 0 || monotonic() > deadline ? campaign : undefined;
      },
      signal,
    );
    if (state === undefined || state === 'left') return false;
    if (passes(state, canary)) {
      await markCanaryPassed(id);
      return true;
    }
    const reason = describe(state);
    await halt(id, 'held', { kind: 'canary', reason, by: 'passbridge', at: clock() });
    return false;
  };
}

function passes(campaign: Campaign, { continueAt }: Canary): boolean {
  const { done, inQueue } = campaign;
  const failures = failuresOf(campaign);
  return continueAt !== undefined && inQueue === 0 && failures <= continueAt * (done + failures);
}

function describe(campaign: Campaign): string {
  const { done, inQueue } = campaign;
  const waiting = inQueue === 0 ? '' : `, ${inQueue} waiting for their next attempt`;
  return `The canary has ended: ${done} done, ${failuresOf(campaign)} rejected, failed or unknown${waiting}.`;
}

function failuresOf({ rejected, failed, unknown }: Campaign): number {
  return rejected + failed + unknown;
}
