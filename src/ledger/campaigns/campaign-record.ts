/** A campaign as its hash in Redis tells it. What can be derived is not stored, so the sums are always exact. */

import type { Campaign, CampaignOrder, CampaignStatus, Halt } from '../../domain/campaigns/campaign.ts';
import { finalStates, type FinalState, type SkipReason, skipReasons } from '../../domain/jobs/outcome.ts';

/** Fields of the hash, and how many of its jobs are parked; undefined where there is no such campaign. */
export function readCampaign(fields: Record<string, string>, parked: number): Campaign | undefined {
  if (fields['order'] === undefined) return undefined;
  const order = JSON.parse(fields['order']) as CampaignOrder;
  const count = (name: string) => Number(fields[name] ?? 0);
  const states = Object.fromEntries(finalStates.map((state) => [state, count(state)])) as Record<
    FinalState,
    number
  >;
  const settled = Object.values(states).reduce((sum, n) => sum + n, 0);
  const read = count('rows');
  const expected = fields['expected'] === undefined ? order.expected : count('expected');
  const rows = Math.max(read, expected ?? 0);
  const fed = fields['fed'] === '1';
  const stored = (fields['status'] ?? 'running') as Exclude<CampaignStatus, 'finished'>;
  const status = stored !== 'stopped' && fed && settled === read ? 'finished' : stored;
  const stopped = status === 'stopped' ? Math.min(rows - read + parked, rows - settled) : 0;
  return {
    ...order,
    status,
    ...(fields['halt'] !== undefined &&
      status !== 'finished' && { halt: JSON.parse(fields['halt']) as Halt }),
    ...(fields['programVersion'] !== undefined && { programVersion: fields['programVersion'] }),
    canaryPassed: fields['canary'] === 'passed',
    ...(fields['badRows'] === 'taken' && { skipBadRows: true }),
    resumes: count('resumes'),
    skippedFor: skippedFor(count),
    expected,
    rows,
    ...states,
    stopped,
    pending: rows - settled - stopped,
    read,
    people: count('people'),
    fed,
    inQueue: Math.max(read - settled - parked, 0),
    parked,
    saves: count('saves'),
    saved: count('saved'),
    unsaved: count('unsaved'),
  };
}

function skippedFor(count: (name: string) => number): Campaign['skippedFor'] {
  const reasons = Object.keys(skipReasons) as SkipReason[];
  return Object.fromEntries(
    reasons.map((reason) => [reason, count(`skipped:${reason}`)]).filter(([, found]) => found !== 0),
  );
}
