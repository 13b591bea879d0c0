/** Takes down how far the running campaigns are, so that anybody can tell when they will be over. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { progressOf } from '../../domain/campaigns/finish.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Stores } from '../stores.ts';

/** The newest that are looked at, here and where they are shown. */
export const NEWEST_CAMPAIGNS = 100;

const LEASE = 'throughput';
/** Longer than the time between two samples, so that one process takes them until it is gone. */
const LEASE_MS = 15_000;

/** One sample of each running campaign; the process that has the lease takes it. */
export async function sampleThroughput(
  { leases, campaigns, throughput }: Pick<Stores, 'leases' | 'campaigns' | 'throughput'>,
  clock: Clock,
): Promise<void> {
  if (!(await leases.hold(LEASE, LEASE_MS))) return;
  const found = await campaigns.list(NEWEST_CAMPAIGNS);
  const now = clock();
  const running = found.filter(hasThroughput);
  if (running.length > 0) await throughput.add(new Map(running.map((one) => [one.id, progressOf(one, now)])));
  await throughput.forget(found.filter(({ halt }) => halt !== undefined).map(({ id }) => id));
}

/** Leaves the samples to another process. */
export function leaveSampling({ leases }: Pick<Stores, 'leases'>): Promise<void> {
  return leases.letGo(LEASE);
}

/** Whether its end can be told: customers who come one by one have none. */
export function hasThroughput({ status, source }: Campaign): boolean {
  return status === 'running' && source.kind === 'file';
}
