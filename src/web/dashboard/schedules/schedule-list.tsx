/** Schedules: what runs next, what became of the last runs, and what waits for a person's word. */

import { mayAct } from '../../../domain/operators/operator.ts';
import type { ScheduleRun } from '../../../domain/schedules/schedule.ts';
import type { ScheduleView } from '../../../domain/schedules/schedule-view.ts';
import type { Reader } from '../layout.tsx';
import { ActionForm } from '../parts/action-form.tsx';
import { Moment } from '../parts/moment.tsx';
import { count } from '../parts/wording.ts';

const NEXT_RUNS = 3;
const LAST_RUNS = 10;

export function ScheduleList({ views, reader }: { views: readonly ScheduleView[]; reader: Reader }) {
  return (
    <>
      <h1>Schedules</h1>
      {views.length === 0 && (
        <p>The programs file has no schedules: docs/schedules.md says how to write one.</p>
      )}
      {views.map((view) => (
        <ScheduleCard key={view.schedule.name} view={view} reader={reader} />
      ))}
    </>
  );
}

function ScheduleCard({ view, reader }: { view: ScheduleView; reader: Reader }) {
  const { schedule, runs, enabled, waiting, state } = view;
  const { name, program, action, expression, timeZone, where } = schedule;
  const isOperator = mayAct(reader.operator.role, 'operator');
  return (
    <section class="card mb-3" aria-labelledby={`schedule-${name}`}>
      <div class="card-body">
        <h2 id={`schedule-${name}`}>
          {name}{' '}
          <span class={`badge state-${enabled ? 'running' : 'neutral'}`}>{enabled ? 'on' : 'off'}</span>
        </h2>
        <p>
          {action} {program}, <code>{expression}</code> in {timeZone}
          {where !== undefined && (
            <>
              , where <code>{where}</code>
            </>
          )}
        </p>
        {state.switched !== undefined && (
          <p>
            Switched {state.switched.enabled ? 'on' : 'off'} by {state.switched.by},{' '}
            <Moment at={state.switched.at} zone={timeZone} />
            {state.switched.reason !== '' && `: ${state.switched.reason}`}
          </p>
        )}
        <Asking view={view} reader={reader} />
        {waiting.map(({ id, note }) => (
          <p key={id} class="alert alert-info">
            {id} waits to begin{note !== undefined && `: ${note}`}
          </p>
        ))}
        {isOperator && (
          <div class="d-flex flex-wrap gap-2 mb-3">
            <a class="btn btn-primary" href={`/schedules/${encodeURIComponent(name)}/run`}>
              Run now …<span class="visually-hidden"> {name}</span>
            </a>
            <a class="btn" href={`/schedules/${encodeURIComponent(name)}/${enabled ? 'disable' : 'enable'}`}>
              {enabled ? 'Switch off …' : 'Switch on …'}
              <span class="visually-hidden"> {name}</span>
            </a>
          </div>
        )}
        <div class="row">
          <div class="col-md-4">
            <h3>Next</h3>
            {enabled ? <NextRuns view={view} /> : <p>None while it is off.</p>}
          </div>
          <div class="col-md-8">
            <h3>Last</h3>
            {runs.length === 0 ? <p>It has not run yet.</p> : <LastRuns runs={runs} zone={timeZone} />}
          </div>
        </div>
      </div>
    </section>
  );
}

/** Missed runs that wait for a word. */
function Asking({ view: { schedule, state }, reader }: { view: ScheduleView; reader: Reader }) {
  const { ask } = state;
  if (ask === undefined) return null;
  const at = `/schedules/${encodeURIComponent(schedule.name)}`;
  const form = { csrfToken: reader.csrfToken, about: schedule.name };
  return (
    <div class="alert alert-warning" role="status">
      <p>
        {count(ask.count, 'run')} missed, the last one <Moment at={ask.last} zone={schedule.timeZone} />. One
        run makes up for all of them.
      </p>
      {mayAct(reader.operator.role, 'operator') && (
        <div class="d-flex flex-wrap gap-2">
          <ActionForm to={`${at}/run`} label="Make up for it now" tone="primary" {...form} />
          <ActionForm to={`${at}/skip`} label="Leave it out" {...form} />
        </div>
      )}
    </div>
  );
}

function NextRuns({ view: { schedule, next } }: { view: ScheduleView }) {
  const times: number[] = [];
  for (let at = next; at !== undefined && times.length < NEXT_RUNS; at = schedule.cron.after(at))
    times.push(at);
  return (
    <ul class="list-unstyled">
      {times.map((at) => (
        <li key={at}>
          <Moment at={at} zone={schedule.timeZone} />
        </li>
      ))}
    </ul>
  );
}

function LastRuns({ runs, zone }: { runs: readonly ScheduleRun[]; zone: string }) {
  return (
    <ul class="list-unstyled">
      {runs.slice(0, LAST_RUNS).map(({ at, cause, result, campaign, note }) => (
        <li key={`${at} ${cause}`}>
          <Moment at={at} zone={zone} /> {result}
          {cause !== 'due' && ` (${cause})`}
          {campaign !== undefined && (
            <>
              {' '}
              <a href={`/campaigns/${encodeURIComponent(campaign)}`}>{campaign}</a>
            </>
          )}
          {note !== undefined && `: ${note}`}
        </li>
      ))}
    </ul>
  );
}
