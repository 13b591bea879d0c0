/** Campaigns, their counters and their causes of failure as text. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { failureKinds, type FailureCount } from '../../domain/failures/failure.ts';
import { finalStates } from '../../domain/jobs/outcome.ts';
import { counterNote } from '../../domain/presentation/counter-notes.ts';
import { visibleLine } from '../../kit/text/visible.ts';

const WIDTH = 9;

/** Returns one counter per line; the lines add up to the rows. */
export function describeCampaign(campaign: Campaign): string {
  const { id, status, rows, stopped, pending } = campaign;
  return [
    `${id}: ${status}${describePlan(campaign)}${describeHalt(campaign)}${describeFeedProblem(campaign)}`,
    ...finalStates.map((state) => line(state, campaign[state], counterNote(campaign, state))),
    line('stopped', stopped, counterNote(campaign, 'stopped')),
    line('pending', pending, counterNote(campaign, 'pending')),
    line('rows', rows, '', '='),
  ].join('\n');
}

function line(name: string, count: number, note = '', sign = ' '): string {
  const counter = `${sign} ${name.padEnd(WIDTH)}${String(count).padStart(WIDTH)}`;
  return note === '' ? counter : `${counter}   ${note}`;
}

function describePlan({ id, status, startAt }: Campaign): string {
  if (status !== 'planned' || startAt === undefined) return '';
  const next = `To start it now: passbridge resume ${id}. To cancel it: passbridge stop ${id}`;
  return ` for ${new Date(startAt).toISOString()}\n  To change the time: passbridge reschedule ${id} TIME. ${next}`;
}

function describeHalt({ id, status, halt }: Campaign): string {
  if (halt === undefined) return '';
  const { by, at, reason } = halt;
  const because = reason === '' ? '' : `\n  ${visibleLine(reason)}`;
  const next =
    status === 'stopped'
      ? `To send the unsent rows: passbridge resume ${id}`
      : `To continue: passbridge resume ${id}. To end it: passbridge stop ${id}`;
  return ` by ${by} at ${new Date(at).toISOString()}${because}\n  ${next}`;
}

function describeFeedProblem({ feedProblem }: Campaign): string {
  if (feedProblem === undefined) return '';
  const { reason, since, attempts } = feedProblem;
  const often = attempts === 1 ? 'once' : `${attempts} times`;
  return `\n  Its next rows cannot be read (tried ${often} since ${new Date(since).toISOString()}, and again every 30 s at the latest): ${visibleLine(reason)}`;
}

/** Returns several campaigns in the order given. */
export function describeCampaigns(campaigns: readonly Campaign[]): string {
  if (campaigns.length === 0) return 'No campaigns yet. Start one: passbridge issue <program> <file>';
  return campaigns.map(describeCampaign).join('\n\n');
}

/** Returns each cause of failure with its count, meaning, remedy and a few rows; empty if there are none. */
export function describeCauses(causes: readonly FailureCount[]): string {
  if (causes.length === 0) return '';
  const blocks = causes.map(({ code, count, examples }) => {
    const { meaning, remedy } = failureKinds[code];
    const rows = examples.map(({ row, detail }) => `    Row ${row}: ${visibleLine(detail)}`);
    return [`${count} × ${code}`, `    ${meaning}`, `    What to do: ${remedy}`, ...rows];
  });
  return ['Needs attention', ...blocks.flat()].join('\n');
}

/** Returns whether every row is done or skipped, and every card was saved. */
export function succeeded(campaign: Campaign): boolean {
  const { rejected, failed, unknown, pending, writeBackFailures } = campaign;
  return rejected + failed + unknown + pending + writeBackFailures === 0;
}
