/** Results of a campaign: its counters, the downloads of rows that are not done, and the causes of failure. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import { type RowResultState, rowResultStates } from '../../../domain/campaigns/source-row.ts';
import { failureKinds, type FailureCount } from '../../../domain/failures/failure.ts';
import { finalStates } from '../../../domain/jobs/outcome.ts';
import { counterNote } from '../../../domain/presentation/counter-notes.ts';
import { formatNumber } from '../../../domain/presentation/format.ts';
import type { CsvFlavor } from '../../../kit/text/csv-lines.ts';
import { pathTo, routes } from '../../paths.ts';
import { Badge, stateLabels } from '../parts/labels.tsx';

const countedStates = [...finalStates, 'stopped', 'pending'] as const;

/** Rows by state, which add up to all rows. */
export function Counters({ campaign }: { campaign: Campaign }) {
  const { rows, expected } = campaign;
  return (
    <table class="table">
      <caption class="visually-hidden">Rows by state</caption>
      <tbody>
        {countedStates.map((state) => (
          <tr key={state}>
            <th scope="row">
              <Badge state={state} />
            </th>
            <td class="number">{formatNumber(campaign[state])}</td>
            <td>{counterNote(campaign, state)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Total</th>
          <td class="number">{formatNumber(rows)}</td>
          <td>{expected === undefined ? 'still counting' : ''}</td>
        </tr>
      </tfoot>
    </table>
  );
}

/** Files of the rows that are not done. None for webhooks, which have no source to read them from. */
export function Downloads({ campaign }: { campaign: Campaign }) {
  const states = rowResultStates.filter((state) => campaign[state] > 0);
  if (campaign.source.kind !== 'file' || states.length === 0) return null;
  return (
    <>
      <h3>Row downloads</h3>
      <p>
        For spreadsheets: an apostrophe marks cells that could run as a formula. A campaign reads them back as
        they were.
      </p>
      <DownloadList campaign={campaign} states={states} flavor="spreadsheet" />
      <p>Exact, for other programs:</p>
      <DownloadList campaign={campaign} states={states} flavor="exact" />
    </>
  );
}

interface DownloadListProps {
  campaign: Campaign;
  states: readonly RowResultState[];
  flavor: CsvFlavor;
}

function DownloadList({ campaign, states, flavor }: DownloadListProps) {
  const about = <span class="visually-hidden">{flavor === 'exact' ? ', exact' : ', for spreadsheets'}</span>;
  return (
    <ul class="inline-list">
      {states.map((state) => (
        <li key={state}>
          <a href={resultsPath(campaign.id, [state], flavor)}>
            {stateLabels[state]} ({formatNumber(campaign[state])}){about}
          </a>
        </li>
      ))}
      {states.length > 1 && (
        <li>
          <a href={resultsPath(campaign.id, states, flavor)}>All rows not done{about}</a>
        </li>
      )}
    </ul>
  );
}

/** Returns the path of the file with the rows in these states. */
export function resultsPath(
  id: string,
  states: readonly RowResultState[],
  flavor: CsvFlavor = 'spreadsheet',
): string {
  return pathTo(routes.campaignResults, { id }, { states: states.join(','), cells: flavor });
}

/** Causes of failure, most frequent first; each links to its failures. */
export function CampaignCauses({ campaign, causes }: { campaign: string; causes: readonly FailureCount[] }) {
  if (causes.length === 0) return <p class="muted">No failures.</p>;
  return (
    <ul class="rows">
      {causes.map(({ code, count }) => {
        const { stage, meaning, remedy } = failureKinds[code];
        const isUnknown = stage === 'maybe';
        const list = isUnknown ? routes.unknownOutcomes : routes.attention;
        return (
          <li key={code} class={isUnknown ? 'unknown-cause' : undefined}>
            <strong>
              <a href={pathTo(list, {}, { campaign, code })}>
                {formatNumber(count)} × {code}
              </a>
            </strong>
            <br />
            {meaning} <span class="muted">{remedy}</span>
          </li>
        );
      })}
    </ul>
  );
}
