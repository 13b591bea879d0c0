import { render } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { parseCron } from '../../../src/domain/schedules/cron.ts';
import type { ScheduleView } from '../../../src/domain/schedules/schedule-view.ts';
import type { ScheduleRun } from '../../../src/domain/schedules/schedule.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import type { Viewer } from '../../../src/web/dashboard/layout.tsx';
import { ScheduleList } from '../../../src/web/dashboard/schedules/schedule-list.tsx';

const HOUR_MS = 3_600_000;
const viewer: Viewer = { operator: { name: 'Iva', role: 'viewer' }, zone: 'Europe/Prague' };

const runs = (results: ScheduleRun['result'][]): ScheduleRun[] =>
  results.map((result, nth) => ({ due: nth, at: nth, cause: 'due', result }));

function listOf(results: ScheduleRun['result'][], expression = '30 3 * * *'): string {
  const parsed = parseCron(expression, viewer.zone);
  if (!parsed.ok) throw new Error(parsed.problem);
  const schedule = {
    name: 'nightly',
    program: 'loyalty',
    action: 'issue',
    expression,
    timeZone: viewer.zone,
    cron: parsed.cron,
  } as ScheduleView['schedule'];
  const view = {
    schedule,
    state: {},
    runs: runs(results),
    enabled: true,
    next: systemClock() + 5 * HOUR_MS,
    waiting: [],
  };
  return render(<ScheduleList views={[view]} viewer={viewer} />);
}

describe('the list of schedules', () => {
  it('says in words when a schedule runs, beside its cron expression', () => {
    const html = listOf([]);
    expect(html).toContain('At 03:30, every day');
    expect(html).toContain('<code>30 3 * * *</code> (Europe/Prague)');
  });

  it('says how far away the next run is', () => {
    expect(listOf([])).toContain(' · in 5 h');
  });

  it('shows the last seven outcomes as dots, oldest first, and names them', () => {
    const html = listOf([
      'refused',
      'started',
      'started',
      'missed',
      'skipped',
      'started',
      'started',
      'refused',
    ]);
    expect(html.match(/class="dot dot-\w+"/g)).toHaveLength(7);
    expect(html).toContain(
      'aria-label="Last 7 runs: Started, Started, Skipped, Missed, Started, Started, Not started"',
    );
  });

  it('shows no dots before the first run', () => {
    expect(listOf([])).not.toContain('class="dots"');
  });
});
