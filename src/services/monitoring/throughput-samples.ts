/** Samples the progress of running campaigns, from which every process estimates when they will end. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { progressOf } from '../../domain/campaigns/finish.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { type Periodic, startPeriodic } from '../../kit/periodic.ts';
import type { Stores } from '../stores.ts';

const SAMPLE_EVERY_MS = 5000;
const MAX_ENDED = 100;
/** Must be longer than the interval, so that one process takes all samples until it ends. */
const LEASE_MS = 15_000;

type SamplingStores = Pick<Stores, 'leases' | 'campaigns' | 'throughput'>;

/** Starts sampling; one process at a time does it. */
export function startThroughputSampling(stores: SamplingStores, clock: Clock, log: Logger): Periodic {
  return startPeriodic({
    name: 'throughput samples',
    everyMs: SAMPLE_EVERY_MS,
    leader: stores.leases.leader('throughput', LEASE_MS),
    work: () => sampleThroughput(stores, clock),
    log,
  });
}

async function sampleThroughput(
  { campaigns, throughput }: Pick<SamplingStores, 'campaigns' | 'throughput'>,
  clock: Clock,
): Promise<void> {
  const now = clock();
  const open = await campaigns.listOpen();
  const running = open.filter(isThroughputSampled);
  if (running.length > 0) await throughput.add(new Map(running.map((one) => [one.id, progressOf(one, now)])));
  // A stopped campaign may have been closed since the last sample.
  const ended = await campaigns.listEnded(now - 2 * SAMPLE_EVERY_MS, MAX_ENDED);
  const halted = [...open, ...ended].filter(({ halt }) => halt !== undefined);
  await throughput.reset(halted.map(({ id }) => id));
}

/** Returns whether the end of a campaign can be estimated; a webhook campaign has none. */
export function isThroughputSampled({ status, source }: Campaign): boolean {
  return status === 'running' && source.kind === 'file';
}
