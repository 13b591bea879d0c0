/** Schedules with their next runs, their history, and missed runs that need a decision. */

import { hasRole } from '../../../domain/operators/operator.ts';
import { formatCount, formatDuration } from '../../../domain/presentation/format.ts';
import { describeCron } from '../../../domain/schedules/cron-words.ts';
import type { ScheduleView } from '../../../domain/schedules/schedule-view.ts';
import type { ScheduleRun } from '../../../domain/schedules/schedule.ts';
import { systemClock } from '../../../kit/clock.ts';
import { pathTo, routes } from '../../paths.ts';
import type { Viewer } from '../layout.tsx';
import { ActionForm } from '../parts/forms.tsx';
import { actionLabels, Time } from '../parts/labels.tsx';
import { runResultLabels } from './run-labels.ts';

const NEXT_RUNS = 3;
const LAST_RUNS = 10;
/** Outcomes that are shown as dots beside the name. */
const DOTS = 7;

export function ScheduleList({ views, viewer }: { views: readonly ScheduleView[]; viewer: Viewer }) {
  return (
    <>
      <h1>Schedules</h1>
      {views.length === 0 && (
        <p class="card table-empty">
          No schedules yet. They are defined in the programs file; docs/schedules.md says how.
        </p>
      )}
      {views.map((view) => (
        <ScheduleCard key={view.schedule.name} view={view} viewer={viewer} />
      ))}
    </>
  );
}

function ScheduleCard({ view, viewer }: { view: ScheduleView; viewer: Viewer }) {
  const { schedule, runs, enabled, waiting, state } = view;
  const { name, program, action, expression, timeZone, where } = schedule;
  return (
    <section class="card" aria-labelledby={`schedule-${name}`}>
      <div class="card-head">
        <h2 id={`schedule-${name}`}>
          {name}{' '}
          <span class={`badge state-${enabled ? 'running' : 'neutral'}`}>{enabled ? 'On' : 'Off'}</span>
        </h2>
        {hasRole(viewer.operator.role, 'operator') && <Actions name={name} enabled={enabled} />}
      </div>
      <p class="muted">
        {actionLabels[action]} · {program} · {describeCron(expression)} <code>{expression}</code> ({timeZone})
        {where !== undefined && (
          <>
            {' '}
            · only customers matching <code>{where}</code>
          </>
        )}
      </p>
      {state.switched !== undefined && (
        <p>
          Turned {state.switched.enabled ? 'on' : 'off'} by {state.switched.by},{' '}
          <Time at={state.switched.at} zone={timeZone} />
          {state.switched.reason !== '' && `: ${state.switched.reason}`}
        </p>
      )}
      <MissedRuns view={view} viewer={viewer} />
      {waiting.map(({ id, note }) => (
        <p key={id} class="alert alert-info">
          {id} is waiting to start{note !== undefined && `: ${note}`}
        </p>
      ))}
      <div class="columns">
        <div class="stack-tight">
          <h3>Next runs</h3>
          {enabled ? <NextRuns view={view} /> : <p class="muted">Off – no runs planned.</p>}
        </div>
        <div class="stack-tight">
          <h3>
            History <LastOutcomes runs={runs} />
          </h3>
          {runs.length === 0 ? <p class="muted">No runs yet.</p> : <LastRuns runs={runs} zone={timeZone} />}
        </div>
      </div>
    </section>
  );
}

/** The last outcomes as dots, oldest first. */
function LastOutcomes({ runs }: { runs: readonly ScheduleRun[] }) {
  if (runs.length === 0) return null;
  const shown = runs.slice(0, DOTS).toReversed();
  const text = `Last ${formatCount(shown.length, 'run')}: ${shown.map(({ result }) => runResultLabels[result]).join(', ')}`;
  return (
    <span class="dots" role="img" aria-label={text} title={text}>
      {shown.map(({ at, cause, result }) => (
        <span key={`${at} ${cause}`} class={`dot dot-${result}`} />
      ))}
    </span>
  );
}

function Actions({ name, enabled }: { name: string; enabled: boolean }) {
  const about = <span class="visually-hidden"> {name}</span>;
  return (
    <div class="actions">
      <a class="btn btn-primary" href={pathTo(routes.scheduleRun, { name })}>
        Run now…{about}
      </a>
      <a class="btn" href={pathTo(enabled ? routes.scheduleDisable : routes.scheduleEnable, { name })}>
        {enabled ? 'Turn off…' : 'Turn on…'}
        {about}
      </a>
    </div>
  );
}

/** Missed runs that need an operator's decision. */
function MissedRuns({ view: { schedule, state }, viewer }: { view: ScheduleView; viewer: Viewer }) {
  const { name, timeZone } = schedule;
  const { undecided: ask } = state;
  if (ask === undefined) return null;
  const form = { csrfToken: viewer.csrfToken, about: name };
  return (
    <div class="alert alert-warning" role="status">
      <p>
        Missed {formatCount(ask.count, 'run')} (last <Time at={ask.last} zone={timeZone} />
        ). One run catches up on all of them.
      </p>
      {hasRole(viewer.operator.role, 'operator') && (
        <div class="actions">
          <ActionForm
            to={pathTo(routes.scheduleRun, { name })}
            label="Run once now"
            tone="primary"
            {...form}
          />
          <ActionForm to={pathTo(routes.scheduleSkip, { name })} label="Skip" {...form} />
        </div>
      )}
    </div>
  );
}

function NextRuns({ view: { schedule, next } }: { view: ScheduleView }) {
  const now = systemClock();
  const times: number[] = [];
  for (let at = next; at !== undefined && times.length < NEXT_RUNS; at = schedule.cron.after(at))
    times.push(at);
  return (
    <ul class="rows">
      {times.map((at, index) => (
        <li key={at}>
          <Time at={at} zone={schedule.timeZone} />
          {index === 0 && <span class="muted"> · in {formatDuration(Math.max(0, at - now))}</span>}
        </li>
      ))}
    </ul>
  );
}

const causeLabels: Readonly<Record<ScheduleRun['cause'], string>> = {
  due: '',
  missed: ' (catching up)',
  manual: ' (by an operator)',
};

function LastRuns({ runs, zone }: { runs: readonly ScheduleRun[]; zone: string }) {
  return (
    <ul class="rows">
      {runs.slice(0, LAST_RUNS).map(({ at, cause, result, campaign, note }) => (
        <li key={`${at} ${cause}`}>
          <Time at={at} zone={zone} /> {runResultLabels[result]}
          {causeLabels[cause]}
          {campaign !== undefined && (
            <>
              {' '}
              <a href={pathTo(routes.campaign, { id: campaign })}>{campaign}</a>
            </>
          )}
          {note !== undefined && `: ${note}`}
        </li>
      ))}
    </ul>
  );
}
