/** The list of campaigns, newest first. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import { hasRole } from '../../../domain/operators/operator.ts';
import { formatNumber } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import { StackedBar } from '../charts/stacked-bar.tsx';
import type { Viewer } from '../layout.tsx';
import { Icon } from '../parts/icons.tsx';
import { actionLabels, Badge, Time } from '../parts/labels.tsx';
import { endedRows } from './progress.tsx';

export interface CampaignListData {
  campaigns: readonly Campaign[];
  /** From 1. */
  page: number;
  hasMore: boolean;
}

/** The link to the composer, for those who may start campaigns. */
export function NewCampaign({ viewer: { operator } }: { viewer: Viewer }) {
  if (!hasRole(operator.role, 'operator')) return null;
  return (
    <a class="btn btn-primary" href={routes.newCampaign}>
      <Icon name="plus" size={16} />
      New campaign
    </a>
  );
}

export function CampaignList({ campaigns, page, hasMore, viewer }: CampaignListData & { viewer: Viewer }) {
  return (
    <>
      <div class="page-head">
        <h1>Campaigns</h1>
        <NewCampaign viewer={viewer} />
      </div>
      {campaigns.length === 0 ? (
        <Empty page={page} />
      ) : (
        // On narrow screens the table scrolls sideways; the tab stop makes that possible by keyboard.
        <div class="card card-flush table-scroll" tabIndex={0} role="region" aria-label="Campaigns">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Campaign</th>
                <th scope="col">Type</th>
                <th scope="col">Status</th>
                <th scope="col">Progress</th>
                <th scope="col" class="number">
                  Done
                </th>
                <th scope="col" class="number">
                  Rejected or failed
                </th>
                <th scope="col" class="number">
                  Unknown
                </th>
                <th scope="col">Started</th>
              </tr>
            </thead>
            <tbody>
              {campaigns.map((campaign) => (
                <Row key={campaign.id} campaign={campaign} viewer={viewer} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <nav aria-label="Pages" class="actions">
        {page > 1 && (
          <a class="btn" href={pathTo(routes.campaigns, {}, { page: page - 1 })}>
            Newer
          </a>
        )}
        {hasMore && (
          <a class="btn" href={pathTo(routes.campaigns, {}, { page: page + 1 })}>
            Older
          </a>
        )}
      </nav>
    </>
  );
}

function Empty({ page }: { page: number }) {
  if (page === 1) return <p class="card table-empty">No campaigns yet.</p>;
  return (
    <p>
      No more campaigns. <a href={routes.campaigns}>Back to newest</a>
    </p>
  );
}

function Row({ campaign, viewer: { zone } }: { campaign: Campaign; viewer: Viewer }) {
  const { id, action, program, status, done, rejected, failed, unknown, rows, createdAt } = campaign;
  return (
    <tr>
      <th scope="row">
        <a href={pathTo(routes.campaign, { id })}>{id}</a>
      </th>
      <td>
        {actionLabels[action]} · {program}
      </td>
      <td>
        <Badge state={status} />
      </td>
      <td>
        <div class="stack-tight progress-cell">
          <StackedBar counters={campaign} label={`Rows of ${id}`} />
          <span class="small muted">
            {formatNumber(endedRows(campaign))} of {formatNumber(rows)}
          </span>
        </div>
      </td>
      <td class="number">{formatNumber(done)}</td>
      <td class="number">{formatNumber(rejected + failed)}</td>
      <td class="number">{formatNumber(unknown)}</td>
      <td>
        <Time at={createdAt} zone={zone} />
      </td>
    </tr>
  );
}
