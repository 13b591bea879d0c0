/** The campaigns, newest first. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import { mayAct } from '../../../domain/operators/operator.ts';
import type { Reader } from '../layout.tsx';
import { Badge } from '../parts/badge.tsx';
import { Moment } from '../parts/moment.tsx';
import { number } from '../parts/wording.ts';
import { endedRows, Progress } from './progress.tsx';

export interface CampaignListData {
  campaigns: readonly Campaign[];
  /** From 1. */
  page: number;
  hasMore: boolean;
}

export function CampaignList({ campaigns, page, hasMore, reader }: CampaignListData & { reader: Reader }) {
  return (
    <>
      <h1>Campaigns</h1>
      {mayAct(reader.operator.role, 'operator') && (
        <p>
          <a class="btn btn-primary" href="/campaigns/new">
            New campaign
          </a>
        </p>
      )}
      {campaigns.length === 0 ? (
        <p>
          {page > 1 ? (
            <>
              There are no more. <a href="/campaigns">To the newest</a>
            </>
          ) : (
            'No campaign yet: start one here, or with `passbridge issue <program> <file>`.'
          )}
        </p>
      ) : (
        // A table that is wider than the screen is scrolled by itself, by keyboard too.
        <div class="table-responsive" tabIndex={0} role="region" aria-label="Campaigns">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Campaign</th>
                <th scope="col">Does</th>
                <th scope="col">Status</th>
                <th scope="col">Progress</th>
                <th scope="col" class="number">
                  Done
                </th>
                <th scope="col" class="number">
                  Not done
                </th>
                <th scope="col" class="number">
                  Unknown
                </th>
                <th scope="col">Started</th>
              </tr>
            </thead>
            <tbody>{campaigns.map((campaign) => Row(campaign, reader))}</tbody>
          </table>
        </div>
      )}
      <nav aria-label="Pages" class="d-flex flex-wrap gap-2">
        {page > 1 && (
          <a class="btn" href={`/campaigns?page=${page - 1}`}>
            Newer
          </a>
        )}
        {hasMore && (
          <a class="btn" href={`/campaigns?page=${page + 1}`}>
            Older
          </a>
        )}
      </nav>
    </>
  );
}

function Row(campaign: Campaign, { zone }: Reader) {
  const { id, action, program, status, done, rejected, failed, unknown, rows, createdAt } = campaign;
  return (
    <tr key={id}>
      <th scope="row">
        <a href={`/campaigns/${encodeURIComponent(id)}`}>{id}</a>
      </th>
      <td>
        {action} {program}
      </td>
      <td>
        <Badge state={status} />
      </td>
      <td>
        <Progress ended={endedRows(campaign)} rows={rows} label={`Progress of ${id}`} />
      </td>
      <td class="number">{number(done)}</td>
      <td class="number">{number(rejected + failed)}</td>
      <td class="number">{number(unknown)}</td>
      <td>
        <Moment at={createdAt} zone={zone} />
      </td>
    </tr>
  );
}
