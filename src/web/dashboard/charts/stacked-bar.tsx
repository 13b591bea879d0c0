/** The rows of a campaign by state, as one bar. */

import { finalStates } from '../../../domain/jobs/outcome.ts';
import type { CampaignCounters } from '../../../domain/campaigns/campaign.ts';
import { formatNumber } from '../../../domain/presentation/format.ts';
import { stateLabels } from '../parts/labels.tsx';
import { Legend } from './chart.tsx';

interface StackedBarProps {
  counters: CampaignCounters;
  /** What the bar is about, for screen readers. */
  label: string;
}

const shownStates = [...finalStates, 'stopped'] as const;

/** Narrowest part of the bar in percent: one failure among a million must be visible. */
const MIN_SHARE = 0.75;

/** Rows in a final state in their colors; the rest of the bar is pending. */
export function StackedBar({ counters, label }: StackedBarProps) {
  const total = Math.max(counters.rows, 1);
  const parts = shownStates
    .filter((state) => counters[state] > 0)
    .map((state) => ({ state, share: Math.max((counters[state] / total) * 100, MIN_SHARE) }));
  // What the narrow parts gained, the widest one loses.
  const excess = parts.reduce((sum, { share }) => sum + share, 0) - 100;
  const widest = parts.toSorted((a, b) => b.share - a.share)[0];
  let left = 0;
  return (
    <svg
      class="bar"
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${describe(counters)}`}
    >
      {parts.map((part) => {
        const { state } = part;
        const share = part === widest && excess > 0 ? part.share - excess : part.share;
        const x = left;
        left += share;
        return <rect key={state} class={`fill-${state}`} x={x} width={share} height={1} />;
      })}
    </svg>
  );
}

/** The counts behind the bar. */
export function StateLegend({ counters }: Pick<StackedBarProps, 'counters'>) {
  return (
    <Legend
      items={shownStates
        .filter((state) => counters[state] > 0)
        .map((state) => [`fill-${state}`, `${stateLabels[state]} ${formatNumber(counters[state])}`] as const)}
    />
  );
}

function describe(counters: CampaignCounters): string {
  const parts = [...shownStates, 'pending' as const]
    .filter((state) => counters[state] > 0)
    .map((state) => `${formatNumber(counters[state])} ${stateLabels[state].toLowerCase()}`);
  return parts.length === 0 ? 'no rows' : parts.join(', ');
}
