/** Takes down how far the running campaigns are, so that anybody can tell when they will be over. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { progressOf } from '../../domain/campaigns/finish.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Stores } from '../stores.ts';

/** The newest that are looked at, here and where they are shown. */
export const NEWEST_CAMPAIGNS = 100;

const LEASE = 'pace';
/** Longer than the time between two samples, so that one process takes them until it is gone. */
const LEASE_MS = 15_000;

/** One sample of each running campaign; the process that has the lease takes it. */
export async function samplePace(
  { leases, campaigns, pace }: Pick<Stores, 'leases' | 'campaigns' | 'pace'>,
  clock: Clock,
): Promise<void> {
  if (!(await leases.hold(LEASE, LEASE_MS))) return;
  const found = await campaigns.list(NEWEST_CAMPAIGNS);
  const now = clock();
  const running = found.filter(hasPace);
  if (running.length > 0) await pace.add(new Map(running.map((one) => [one.id, progressOf(one, now)])));
  await pace.forget(found.filter(({ halt }) => halt !== undefined).map(({ id }) => id));
}

/** Leaves the samples to another process. */
export function leavePace({ leases }: Pick<Stores, 'leases'>): Promise<void> {
  return leases.letGo(LEASE);
}

/** Whether its end can be told: customers who come one by one have none. */
export function hasPace({ status, source }: Campaign): boolean {
  return status === 'running' && source.kind === 'file';
}
