/** The audit log: who changed what, when and why, newest first. */

import type { AuditedAction, AuditEntry, AuditPage } from '../../../domain/operators/audit-entry.ts';
import { pathTo, routes } from '../../paths.ts';
import type { AuditService } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { Time } from '../parts/labels.tsx';
import { ActivityTabs } from '../parts/tabs.tsx';

interface AuditData {
  page: AuditPage;
  target: string;
  by: string;
}

const PAGE_SIZE = 50;

/** Adds the page to a guarded scope. */
export function addAuditPage({ addPage }: DashboardScope, service: AuditService): void {
  addPage<AuditData>({
    route: routes.activity,
    title: () => 'Activity',
    async load({ query }) {
      const [target = '', by = ''] = [query['target'], query['by']].map((text) => text?.trim());
      const before = Number(query['before']);
      const page = await service.page({
        limit: PAGE_SIZE,
        ...(target !== '' && { target }),
        ...(by !== '' && { by }),
        ...(Number.isSafeInteger(before) && before > 0 && { before }),
      });
      return { page, target, by };
    },
    fixed: ({ page, target, by }, { zone }) => (
      <>
        <h1>Activity</h1>
        <ActivityTabs current="audit" />
        <p class="muted">
          Who did what, when and why. Entries are tamper-evident: <code>passbridge audit verify</code> checks
          them.
        </p>
        <form role="search" class="filters">
          <SearchField name="by" label="Operator" value={by} />
          <SearchField name="target" label="Object" value={target} />
          <button class="btn btn-primary" type="submit">
            Search
          </button>
        </form>
        <Entries entries={page.entries} zone={zone} />
        {page.next !== undefined && (
          <a class="btn" href={pathTo(routes.activity, {}, { target, by, before: page.next })}>
            Older
          </a>
        )}
      </>
    ),
  });
}

function SearchField({ name, label, value }: { name: string; label: string; value: string }) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input id={name} name={name} type="search" value={value} />
    </div>
  );
}

const actionLabels: Readonly<Record<AuditedAction, string>> = {
  'campaign.start': 'Started campaign',
  'campaign.reschedule': 'Changed start of campaign',
  'campaign.pause': 'Paused campaign',
  'campaign.resume': 'Resumed campaign',
  'campaign.stop': 'Stopped campaign',
  'upload.start': 'Started upload',
  'upload.delete': 'Deleted upload',
  'limits.set': 'Changed speed limit',
  'limits.reset': 'Reset speed limit',
  'gate.open': 'Opened gate',
  'schedule.run': 'Ran schedule',
  'schedule.skip': 'Skipped missed runs',
  'schedule.enable': 'Turned schedule on',
  'schedule.disable': 'Turned schedule off',
  'failures.retry': 'Retried failures',
  'failures.discard': 'Discarded failures',
  'failures.edit': 'Edited and retried failures',
  'failures.cancel': 'Canceled bulk action',
  'failures.resolve': 'Resolved unknown outcomes',
  'operator.sign-in': 'Signed in',
  'operator.sign-out': 'Signed out',
  'operator.refused': 'Sign-in failed',
  'operators.add': 'Added operator',
  'operators.remove': 'Removed operator',
  'customer.forget': 'Erased customer',
  'store.reconcile': 'Reconciled cards',
};

function Entries({ entries, zone }: { entries: readonly AuditEntry[]; zone: string }) {
  if (entries.length === 0) return <p role="status">No matching entries.</p>;
  return (
    <div class="card card-flush table-scroll" tabIndex={0} role="region" aria-label="Entries">
      <table class="table">
        <thead>
          <tr>
            <th scope="col" class="number">
              No.
            </th>
            <th scope="col">Time</th>
            <th scope="col">Operator</th>
            <th scope="col">Action</th>
            <th scope="col">Object</th>
            <th scope="col">Reason</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Entry key={entry.n} entry={entry} zone={zone} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Entry({ entry, zone }: { entry: AuditEntry; zone: string }) {
  const { n, at, by, via, action, target, reason, before, after, voids } = entry;
  return (
    <tr>
      <td class="number">{n}</td>
      <td>
        <Time at={at} zone={zone} seconds />
      </td>
      <td>
        {by} <span class="muted">({via})</span>
      </td>
      <td>
        {actionLabels[action]}
        {voids !== undefined && `: failed, see no. ${voids}`}
      </td>
      <td>{target}</td>
      <td>{reason}</td>
      <td>
        {before !== undefined && <code>{JSON.stringify(before)}</code>}
        {before !== undefined && after !== undefined && ' → '}
        {after !== undefined && <code>{JSON.stringify(after)}</code>}
      </td>
    </tr>
  );
}
