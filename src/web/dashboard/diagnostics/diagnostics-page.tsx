/** The queues for admins, read-only: a change made there would bypass the ledger. */

import type { JobDiagnostics, QueueDiagnostics } from '../../../domain/monitoring/diagnostics.ts';
import { queueCounts } from '../../../domain/monitoring/diagnostics.ts';
import { formatDuration, formatNumber } from '../../../domain/presentation/format.ts';
import { routes } from '../../paths.ts';
import type { DiagnosticsService } from '../dashboard-service.ts';
import type { Viewer } from '../layout.tsx';
import type { DashboardScope } from '../page.tsx';
import { Time } from '../parts/labels.tsx';

/** Characters of an id that is searched. */
const MAX_ID = 300;

/** Adds the page to a guarded scope: `?job=` looks a job up. */
export function addDiagnosticsPage({ addPage }: DashboardScope, service: DiagnosticsService): void {
  addPage({
    route: routes.diagnostics,
    role: 'admin',
    title: () => 'Diagnostics',
    async load({ query: { job = '' } }) {
      const id = job.trim().slice(0, MAX_ID);
      const [queues, found] = await Promise.all([
        service.queues(),
        id === '' ? undefined : service.findJob(id),
      ]);
      return { queues, id, found };
    },
    live: ({ queues, id, found }, viewer) => (
      <>
        <h1>Diagnostics</h1>
        <Queues queues={queues} />
        {id !== '' && <Lookup id={id} found={found} viewer={viewer} />}
      </>
    ),
    fixed: ({ id }) => (
      <form method="get" action={routes.diagnostics} role="search" class="filters">
        <div class="field">
          <label for="job">Job id</label>
          <input id="job" name="job" defaultValue={id} maxLength={MAX_ID} autoComplete="off" />
        </div>
        <button class="btn btn-primary" type="submit">
          Find job
        </button>
      </form>
    ),
  });
}

const countLabels: Readonly<Record<(typeof queueCounts)[number], string>> = {
  waiting: 'Waiting',
  prioritized: 'Prioritized',
  delayed: 'Delayed',
  active: 'Active',
  failed: 'Failed',
};

function Queues({ queues }: { queues: readonly QueueDiagnostics[] }) {
  return (
    <section class="card" aria-labelledby="queues">
      <h2 id="queues">Queues</h2>
      <p>
        Batch jobs as BullMQ stores them. In the queue “pass” each carries up to ten customers of one
        campaign; the queue “campaign” feeds campaigns and runs bulk actions.
      </p>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Jobs by queue">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Queue</th>
              {queueCounts.map((state) => (
                <th key={state} scope="col" class="number">
                  {countLabels[state]}
                </th>
              ))}
              <th scope="col" class="number">
                Oldest waiting
              </th>
              <th scope="col" class="number">
                Workers
              </th>
            </tr>
          </thead>
          <tbody>
            {queues.map(({ name, counts, oldestWaitingMs, workers }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {queueCounts.map((state) => (
                  <td key={state} class="number">
                    {formatNumber(counts[state])}
                  </td>
                ))}
                <td class="number">
                  {oldestWaitingMs === undefined ? 'none' : formatDuration(oldestWaitingMs)}
                </td>
                <td class="number">{formatNumber(workers)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface LookupProps {
  id: string;
  found: JobDiagnostics | undefined;
  viewer: Viewer;
}

function Lookup({ id, found, viewer: { zone } }: LookupProps) {
  return (
    <section class="card" aria-labelledby="job-found">
      <h2 id="job-found">Job {id}</h2>
      {found === undefined ? (
        <p>
          No queue holds this job. A job that has ended is in no queue: search for it on the{' '}
          <a href={routes.customers}>Customers</a> page.
        </p>
      ) : (
        <dl class="facts">
          <Term name="State">
            {found.state} in the queue “{found.queue}”
          </Term>
          <Term name="Batch job">
            <code>{found.id}</code>, priority {found.priority}
          </Term>
          <Term name="Added">
            <Time at={found.addedAt} zone={zone} seconds />
          </Term>
          {found.takenAt !== undefined && (
            <Term name="Taken by a worker">
              <Time at={found.takenAt} zone={zone} seconds />
            </Term>
          )}
          {found.dueAt !== undefined && (
            <Term name="Not before">
              <Time at={found.dueAt} zone={zone} seconds />
            </Term>
          )}
          <Term name="Started">
            {formatNumber(found.attemptsStarted)} times, its worker lost {formatNumber(found.stalls)} times
          </Term>
          {found.passJobs.length > 0 && (
            <Term name="Customers’ jobs">
              <ul>
                {found.passJobs.map((job) => (
                  <li key={job.id}>
                    <code>{job.id}</code>: {formatNumber(job.attempts)} failed attempts
                  </li>
                ))}
              </ul>
            </Term>
          )}
        </dl>
      )}
    </section>
  );
}

function Term({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
