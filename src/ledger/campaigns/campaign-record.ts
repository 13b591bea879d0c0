/** Reads a campaign from its Redis hash. Derived counters are not stored, so the sums always match. */

import type {
  Campaign,
  CampaignOrder,
  CampaignStatus,
  FeedProblem,
  Halt,
} from '../../domain/campaigns/campaign.ts';
import { finalStates, type FinalState, type SkipReason, skipReasons } from '../../domain/jobs/outcome.ts';

/** `parked`: number of its parked jobs. Returns undefined if the hash does not exist. */
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
  const drained = status === 'stopped' && fields['drained'] === '1';
  const unsent = drained ? rows - settled : Math.min(rows - read + parked, rows - settled);
  const stopped = status === 'stopped' ? unsent : 0;
  return {
    ...order,
    ...(fields['startAt'] !== undefined && { startAt: count('startAt') }),
    status,
    ...(fields['halt'] !== undefined &&
      status !== 'finished' && { halt: JSON.parse(fields['halt']) as Halt }),
    ...(fields['programVersion'] !== undefined && { programVersion: fields['programVersion'] }),
    canaryPassed: fields['canary'] === 'passed',
    ...(fields['badRows'] === 'accepted' && { skipBadRows: true }),
    ...(fields['feedProblem'] !== undefined &&
      status === 'running' && { feedProblem: JSON.parse(fields['feedProblem']) as FeedProblem }),
    resumes: count('resumes'),
    skippedFor: skippedFor(count),
    expected,
    rows,
    ...states,
    stopped,
    pending: rows - settled - stopped,
    read,
    jobs: count('jobs'),
    fed,
    inQueue: drained ? 0 : Math.max(read - settled - parked, 0),
    parked,
    writeBacks: count('writeBacks'),
    writtenBack: count('writtenBack'),
    writeBackFailures: count('writeBackFailures'),
  };
}

function skippedFor(count: (name: string) => number): Campaign['skippedFor'] {
  const reasons = Object.keys(skipReasons) as SkipReason[];
  return Object.fromEntries(
    reasons.map((reason) => [reason, count(`skipped:${reason}`)]).filter(([, found]) => found !== 0),
  );
}
