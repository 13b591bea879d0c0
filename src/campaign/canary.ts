/** The first people of a campaign go ahead; the others follow when a person or a rule has looked at them. */

import type { Campaign, CampaignStatus, Halt, HaltedStatus } from '../domain/campaigns/campaign.ts';
import type { Canary } from '../domain/campaigns/guards.ts';
import { type Clock, sleep } from '../kit/clock.ts';

interface CanaryOptions {
  find: (id: string) => Promise<Campaign | undefined>;
  halt: (id: string, to: HaltedStatus, why: Halt) => Promise<CampaignStatus | undefined>;
  markCanaryPassed: (id: string) => Promise<void>;
  clock: Clock;
}

/** Some may wait hours for their next attempt; the others are looked at without them. */
const LONGEST_WAIT_MS = 10 * 60_000;
const POLL_MS = 100;

/**
 * Makes the function that waits until the people of a canary have ended and then judges it: true
 * where the campaign goes on. Otherwise it is held, or somebody halted it meanwhile.
 */
export function makeCanaryWatch({ find, halt, markCanaryPassed, clock }: CanaryOptions) {
  return async (id: string, canary: Canary, signal: AbortSignal): Promise<boolean> => {
    const deadline = clock() + LONGEST_WAIT_MS;
    while (!signal.aborted) {
      const campaign = await find(id);
      if (campaign?.status !== 'running') return false;
      if (campaign.inQueue === 0 || clock() > deadline) {
        if (isGood(campaign, canary)) {
          await markCanaryPassed(id);
          return true;
        }
        const reason = describe(campaign);
        await halt(id, 'held', { kind: 'canary', reason, by: 'passbridge', at: clock() });
        return false;
      }
      await sleep(POLL_MS, signal);
    }
    return false;
  };
}

function isGood(campaign: Campaign, { continueAt }: Canary): boolean {
  const { done, inQueue } = campaign;
  const bad = failures(campaign);
  return continueAt !== undefined && inQueue === 0 && bad <= continueAt * (done + bad);
}

function describe(campaign: Campaign): string {
  const { done, inQueue } = campaign;
  const waiting = inQueue === 0 ? '' : `, ${inQueue} wait for their next attempt`;
  return `The canary is through: ${done} done, ${failures(campaign)} rejected, failed or unknown${waiting}.`;
}

function failures({ rejected, failed, unknown }: Campaign): number {
  return rejected + failed + unknown;
}
