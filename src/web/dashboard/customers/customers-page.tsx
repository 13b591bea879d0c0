/** One customer by whatever somebody has of them, and what happened to them lately. */

import { campaignAndRow } from '../../../domain/jobs/job-id.ts';
import { detailOf, type CustomerTimeline, type TimelineEvent } from '../../../domain/customers/timeline.ts';
import type { CustomerService } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { Badge } from '../parts/badge.tsx';
import { Moment } from '../parts/moment.tsx';

interface Search {
  sought: string;
  /** Undefined where nobody can be looked up. */
  people: readonly CustomerTimeline[] | undefined;
}

/** Longer than any e-mail or id. */
const LONGEST_SOUGHT = 320;

/** Adds it to a guarded scope. */
export function addCustomersPage({ addPage }: DashboardScope, service: CustomerService): void {
  addPage<Search>({
    path: '/customers',
    title: () => 'People',
    async load({ query }) {
      const sought = (query['q'] ?? '').trim().slice(0, LONGEST_SOUGHT);
      return { sought, people: sought === '' ? [] : await service.find(sought) };
    },
    fixed: ({ sought, people }, { zone }) => (
      <>
        <h1>People</h1>
        <form role="search" class="d-flex flex-wrap gap-2 mb-3">
          <label class="form-label m-0 align-self-center" for="q">
            E-mail, customer id, card id or job id
          </label>
          <input
            class="form-control w-auto flex-fill"
            id="q"
            name="q"
            type="search"
            value={sought}
            maxLength={LONGEST_SOUGHT}
          />
          <button class="btn btn-primary" type="submit">
            Find
          </button>
        </form>
        <Found sought={sought} people={people} zone={zone} />
      </>
    ),
  });
}

function Found({ sought, people, zone }: Search & { zone: string }) {
  if (people === undefined)
    return <p class="alert alert-warning">Nobody can be looked up: CUSTOMER_INDEX is off.</p>;
  if (sought === '') return null;
  if (people.length === 0) {
    return <p role="status">Nothing is known about “{sought}”. Events are kept for CARD_TTL_DAYS.</p>;
  }
  return (
    <>
      {people.map(({ customer, events }) => (
        <section key={customer} class="card mb-3">
          <div class="card-body">
            <h2>{customer}</h2>
            <ol class="list-unstyled">
              {events.toReversed().map((event) => Event(event, { sought, zone }))}
            </ol>
          </div>
        </section>
      ))}
    </>
  );
}

function Event(event: TimelineEvent, { sought, zone }: { sought: string; zone: string }) {
  const { at, action, what, job, note } = event;
  const detail = detailOf(event);
  return (
    <li key={`${at} ${what} ${job}`} class="mb-2">
      <Moment at={at * 1000} zone={zone} /> {action} <Badge state={what} />{' '}
      {what === 'act' ? (
        <a href={`/bulk-actions/${encodeURIComponent(note)}`}>{detail}</a>
      ) : (
        detail !== '' && <code>{detail}</code>
      )}{' '}
      <JobLink job={job} isSought={job === sought} />
    </li>
  );
}

function JobLink({ job, isSought }: { job: string; isSought: boolean }) {
  const campaign = campaignAndRow(job)?.campaign ?? job;
  return <a href={`/campaigns/${encodeURIComponent(campaign)}`}>{isSought ? <mark>{job}</mark> : job}</a>;
}
