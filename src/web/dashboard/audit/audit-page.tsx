/** Who changed what, when and why, newest first. */

import type { AuditEntry, AuditPage } from '../../../domain/operators/audit-entry.ts';
import type { AuditService } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { Moment } from '../parts/moment.tsx';

interface AuditData {
  page: AuditPage;
  on: string;
  by: string;
}

const PAGE_SIZE = 50;

/** Adds it to a guarded scope. */
export function addAuditPage({ addPage }: DashboardScope, service: AuditService): void {
  addPage<AuditData>({
    path: '/audit',
    title: () => 'Audit',
    async load({ query }) {
      const [on = '', by = ''] = [query['on'], query['by']].map((text) => text?.trim());
      const before = Number(query['before']);
      const page = await service.page({
        limit: PAGE_SIZE,
        ...(on !== '' && { on }),
        ...(by !== '' && { by }),
        ...(Number.isSafeInteger(before) && before > 0 && { before }),
      });
      return { page, on, by };
    },
    fixed: ({ page, on, by }, { zone }) => (
      <>
        <h1>Audit</h1>
        <p>
          Every act of a person is written here before it is done, and each entry seals the one before:{' '}
          <code>passbridge audit verify</code> shows that nobody altered any.
        </p>
        <form role="search" class="d-flex flex-wrap gap-2 mb-3">
          <SearchField name="by" label="Who" value={by} />
          <SearchField name="on" label="What it was done to" value={on} />
          <button class="btn btn-primary" type="submit">
            Find
          </button>
        </form>
        <Entries entries={page.entries} zone={zone} />
        {page.next !== undefined && (
          <a
            class="btn"
            href={`/audit?${new URLSearchParams({ on, by, before: String(page.next) }).toString()}`}
          >
            Older
          </a>
        )}
      </>
    ),
  });
}

function SearchField({ name, label, value }: { name: string; label: string; value: string }) {
  return (
    <>
      <label class="form-label m-0 align-self-center" for={name}>
        {label}
      </label>
      <input class="form-control w-auto flex-fill" id={name} name={name} type="search" value={value} />
    </>
  );
}

function Entries({ entries, zone }: { entries: readonly AuditEntry[]; zone: string }) {
  if (entries.length === 0) return <p role="status">Nothing of that kind was done.</p>;
  return (
    <div class="table-responsive" tabIndex={0} role="region" aria-label="Entries">
      <table class="table table-sm">
        <thead>
          <tr>
            <th scope="col" class="number">
              No.
            </th>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">To what</th>
            <th scope="col">Why</th>
            <th scope="col">Before and after</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ n, at, by, via, act, on, reason, before, after, voids }) => (
            <tr key={n}>
              <td class="number">{n}</td>
              <td>
                <Moment at={at} zone={zone} />
              </td>
              <td>
                {by} <span class="text-secondary">({via})</span>
              </td>
              <td>
                {act}
                {voids !== undefined && `: came to nothing, see no. ${voids}`}
              </td>
              <td>{on}</td>
              <td>{reason}</td>
              <td>
                {before !== undefined && <code>{JSON.stringify(before)}</code>}
                {before !== undefined && after !== undefined && ' → '}
                {after !== undefined && <code>{JSON.stringify(after)}</code>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
