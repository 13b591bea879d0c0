/** Campaigns in words: the table of counters and what an operator should do about each cause. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { failureKinds, type FailureCount } from '../../domain/failures/failure.ts';
import { finalStates, type SkipReason, skipReasons } from '../../domain/jobs/outcome.ts';

const WIDTH = 9;

/** The counters of one campaign, one state a line, adding up to its rows. */
export function describeCampaign(campaign: Campaign): string {
  const { id, status, rows, pending, stopped, saved, saves, unsaved, skippedFor } = campaign;
  const notes: Partial<Record<string, string>> = {
    done: `saved to Bloomreach: ${saved} of ${saves}${unsaved > 0 ? `, given up: ${unsaved}` : ''}`,
    skipped: describeSkipped(skippedFor),
    rejected: 'could not be sent, or were refused for good',
    failed: 'used up their attempts',
    unknown: 'sent, and no answer seen: may or may not have a card',
    stopped: `not reached; go on with them: passbridge resume ${id}`,
  };
  const line = (name: string, count: number, sign = ' ') => {
    const note = count > 0 ? notes[name] : undefined;
    return `${sign} ${name.padEnd(WIDTH)}${String(count).padStart(WIDTH)}${note === undefined ? '' : `   ${note}`}`;
  };
  return [
    `${id}: ${status}${describeHalt(campaign)}`,
    ...finalStates.map((state) => line(state, campaign[state])),
    line('stopped', stopped),
    line('pending', pending),
    line('rows', rows, '='),
  ].join('\n');
}

function describeHalt({ id, status, halt }: Campaign): string {
  if (halt === undefined) return '';
  const { by, at, reason } = halt;
  const told = reason === '' ? '' : `\n  ${reason}`;
  const next =
    status === 'stopped' ? '' : `\n  Go on: passbridge resume ${id}. End it: passbridge stop ${id}`;
  return ` by ${by} at ${new Date(at).toISOString()}${told}${next}`;
}

function describeSkipped(skippedFor: Campaign['skippedFor']): string {
  return Object.entries(skippedFor)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count} ${skipReasons[reason as SkipReason]}`)
    .join('; ');
}

/** Several campaigns, the newest first. */
export function describeCampaigns(campaigns: readonly Campaign[]): string {
  if (campaigns.length === 0) return 'No campaign yet. Start one: passbridge issue <program> <file>';
  return campaigns.map(describeCampaign).join('\n\n');
}

/** Each cause of failure: how often, what it means, what to do, and a few of its rows. Empty for none. */
export function describeCauses(causes: readonly FailureCount[]): string {
  if (causes.length === 0) return '';
  const blocks = causes.map(({ code, count, examples }) => {
    const { meaning, action } = failureKinds[code];
    const rows = examples.map(({ row, detail }) => `    Row ${row}: ${detail}`);
    return [`${count} × ${code}`, `    ${meaning}`, `    What to do: ${action}`, ...rows];
  });
  return ['What needs a look', ...blocks.flat()].join('\n');
}

/** Whether every row ended well or was skipped, and every card was saved. */
export function endedWell({ rejected, failed, unknown, pending, unsaved }: Campaign): boolean {
  return rejected + failed + unknown + pending + unsaved === 0;
}
