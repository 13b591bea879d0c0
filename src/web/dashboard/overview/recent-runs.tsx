/** What the schedules did in the last 24 hours, which answers what happened last night. */

import type { ScheduleView } from '../../../domain/schedules/schedule-view.ts';
import type { ScheduleRun } from '../../../domain/schedules/schedule.ts';
import { pathTo, routes } from '../../paths.ts';
import type { Viewer } from '../layout.tsx';
import { Time } from '../parts/labels.tsx';
import { runResultLabels } from '../schedules/run-labels.ts';

interface RecentRunsProps {
  schedules: readonly ScheduleView[];
  /** Milliseconds since 1970. */
  now: number;
  viewer: Viewer;
}

const DAY_MS = 86_400_000;
const MAX_SHOWN = 8;

export function RecentRuns({ schedules, now, viewer: { zone } }: RecentRunsProps) {
  if (schedules.length === 0) return <p class="muted">No schedules yet.</p>;
  const recent = schedules
    .flatMap(({ schedule, runs }) => runs.map((run) => ({ name: schedule.name, run })))
    .filter(({ run }) => run.at > now - DAY_MS)
    .toSorted((a, b) => b.run.at - a.run.at)
    .slice(0, MAX_SHOWN);
  const next = schedules
    .flatMap(({ schedule: { name }, next: at }) => (at === undefined ? [] : [{ name, at }]))
    .toSorted((a, b) => a.at - b.at)[0];
  return (
    <>
      {recent.length === 0 && <p class="muted">No runs.</p>}
      <ul class="rows">
        {recent.map(({ name, run }) => (
          <Run key={`${name} ${run.at}`} name={name} run={run} zone={zone} />
        ))}
      </ul>
      {next !== undefined && (
        <p class="small muted">
          Next: {next.name}, <Time at={next.at} zone={zone} />
        </p>
      )}
    </>
  );
}

function Run({
  name,
  run: { at, result, campaign, note },
  zone,
}: {
  name: string;
  run: ScheduleRun;
  zone: string;
}) {
  return (
    <li class="run">
      <span class={`dot dot-${result}`} aria-hidden="true" />
      {campaign === undefined ? (
        <span>{name}</span>
      ) : (
        <a href={pathTo(routes.campaign, { id: campaign })}>
          {name}
          <span class="visually-hidden"> {campaign}</span>
        </a>
      )}
      <span class="small muted">
        {runResultLabels[result]}, <Time at={at} zone={zone} />
      </span>
      {note !== undefined && <span class="run-note">{note}</span>}
    </li>
  );
}
