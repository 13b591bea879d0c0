/** Customer search: finds customers by any of their ids and shows what happened to them recently. */

import { detailOf, type CustomerTimeline, type TimelineEvent } from '../../../domain/customers/timeline.ts';
import { campaignAndRow } from '../../../domain/jobs/job-id.ts';
import { pathTo, routes } from '../../paths.ts';
import type { CustomerService } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { Badge, Time } from '../parts/labels.tsx';

interface Search {
  query: string;
  /** Undefined if customer search is off. */
  customers: readonly CustomerTimeline[] | undefined;
}

/** Longer than any e-mail address or id. */
const MAX_QUERY_LENGTH = 320;

/** Adds the page to a guarded scope. */
export function addCustomersPage({ addPage }: DashboardScope, service: CustomerService): void {
  addPage<Search>({
    route: routes.customers,
    title: () => 'Customers',
    async load({ query: { q = '' } }) {
      const query = q.trim().slice(0, MAX_QUERY_LENGTH);
      return { query, customers: query === '' ? [] : await service.find(query) };
    },
    fixed: ({ query, customers }, { zone }) => (
      <>
        <h1>Customers</h1>
        <form role="search" class="filters">
          <div class="field">
            <label for="q">E-mail, customer id, card id or job id</label>
            <input id="q" name="q" type="search" value={query} maxLength={MAX_QUERY_LENGTH} />
          </div>
          <button class="btn btn-primary" type="submit">
            Search
          </button>
        </form>
        <Results query={query} customers={customers} zone={zone} />
      </>
    ),
  });
}

function Results({ query, customers, zone }: Search & { zone: string }) {
  if (customers === undefined)
    return <p class="alert alert-warning">Customer search is off (CUSTOMER_INDEX=off).</p>;
  if (query === '') return <p class="muted">Shows what happened to a customer’s card, newest first.</p>;
  if (customers.length === 0) {
    return (
      <p class="card" role="status">
        No match for “{query}”. Search by e-mail, customer id, card id or job id, not by name. History is kept
        for CARD_TTL_DAYS.
      </p>
    );
  }
  return (
    <>
      {customers.map(({ customer, events }) => (
        <section key={customer} class="card">
          <h2>{customer}</h2>
          <ol class="rows">
            {events.toReversed().map((event) => (
              <Event key={`${event.at} ${event.kind} ${event.job}`} event={event} query={query} zone={zone} />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

function Event({ event, query, zone }: { event: TimelineEvent; query: string; zone: string }) {
  const { at, action, kind, job, detail } = event;
  const text = detailOf(event);
  return (
    <li>
      <Time at={at * 1000} zone={zone} seconds /> {action} <Badge state={kind} />{' '}
      {kind === 'bulk-action' ? (
        <a href={pathTo(routes.bulkAction, { id: detail })}>{text}</a>
      ) : (
        text !== '' && <code>{text}</code>
      )}{' '}
      <JobLink job={job} isMatch={job === query} />
    </li>
  );
}

/** Links to the campaign of a job. */
function JobLink({ job, isMatch }: { job: string; isMatch: boolean }) {
  const campaign = campaignAndRow(job)?.campaign ?? job;
  return <a href={pathTo(routes.campaign, { id: campaign })}>{isMatch ? <mark>{job}</mark> : job}</a>;
}
