/** The rows that are not done, as files that are sources themselves. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import { type RowResultState, rowResultStates } from '../../../domain/campaigns/row-result.ts';
import { number } from '../parts/wording.ts';

/** Nothing for what came through the door: it has no source to read again. */
export function Downloads({ campaign }: { campaign: Campaign }) {
  const struck = rowResultStates.filter((state) => campaign[state] > 0);
  if (campaign.source.kind !== 'file' || struck.length === 0) return null;
  return (
    <>
      <h3>Download as CSV</h3>
      <ul class="list-inline">
        {struck.map((state) => (
          <li key={state} class="list-inline-item">
            <a href={resultsPath(campaign.id, [state])}>
              {number(campaign[state])} {state}
            </a>
          </li>
        ))}
        {struck.length > 1 && (
          <li class="list-inline-item">
            <a href={resultsPath(campaign.id, struck)}>all that are not done</a>
          </li>
        )}
      </ul>
    </>
  );
}

function resultsPath(id: string, states: readonly RowResultState[]): string {
  return `/campaigns/${encodeURIComponent(id)}/results.csv?states=${states.join(',')}`;
}
