/** Calls to Passmachine over the last hour: how many, and how long they took. */

import type { CallRates } from '../../../domain/monitoring/overview.ts';
import { formatNumber, formatPercent } from '../../../domain/presentation/format.ts';
import { Chart, DataTable, HEIGHT, scaleTop, WIDTH } from './chart.tsx';

interface CallChartsProps {
  rates: CallRates;
  zone: string;
}

const MINUTE_MS = 60_000;
/** Lowest top of the scale of response times. */
const MIN_TOP_MS = 100;
/** Length of a row of the table. */
const ROW_MINUTES = 5;

/** One minute of calls. */
interface Minute {
  at: number;
  /** Per second, on average. */
  calls: number;
  failures: number;
  /** Milliseconds, of the slowest part of the minute; undefined without calls. */
  p50: number | undefined;
  p95: number | undefined;
}

export function CallCharts({ rates, zone }: CallChartsProps) {
  const minutes = minutesOf(rates);
  const time = { from: rates.from, to: rates.from + minutes.length * MINUTE_MS, zone };
  const topCalls = scaleTop(Math.max(...minutes.map(({ calls }) => calls)));
  const topMs = scaleTop(Math.max(MIN_TOP_MS, ...minutes.map(({ p95 = 0 }) => p95)));
  return (
    <>
      <p>{describeRates(rates)}</p>
      <div class="charts">
        <Chart
          title="Calls per second"
          top={topCalls}
          format={formatRate}
          legend={[
            ['fill-calls', 'succeeded'],
            ['fill-failed', 'failed'],
          ]}
          {...time}
        >
          {minutes.map((minute, index) => (
            <MinuteBar
              key={minute.at}
              minute={minute}
              left={(index * WIDTH) / minutes.length}
              top={topCalls}
            />
          ))}
        </Chart>
        <Chart
          title="Response time"
          top={topMs}
          format={formatMs}
          legend={[
            ['fill-median', 'median'],
            ['fill-slow', '95th percentile'],
          ]}
          {...time}
        >
          <path
            class="line line-slow"
            d={lineOf(
              minutes.map(({ p95 }) => p95),
              topMs,
            )}
          />
          <path
            class="line line-median"
            d={lineOf(
              minutes.map(({ p50 }) => p50),
              topMs,
            )}
          />
        </Chart>
      </div>
      <DataTable
        caption="Calls to Passmachine over the last hour"
        columns={['Calls per second', 'Failed per second', 'Median', '95th percentile']}
        rows={rowsOf(minutes)}
        zone={zone}
      />
    </>
  );
}

function minutesOf({ from, stepMs, calls, failures, p50, p95 }: CallRates): Minute[] {
  const size = MINUTE_MS / stepMs;
  return Array.from({ length: Math.ceil(calls.length / size) }, (_, index) => {
    const part = <T,>(values: readonly T[]) => values.slice(index * size, (index + 1) * size);
    return {
      at: from + index * MINUTE_MS,
      calls: averageOf(part(calls)),
      failures: averageOf(part(failures)),
      p50: highestOf(part(p50)),
      p95: highestOf(part(p95)),
    };
  });
}

function averageOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

function highestOf(values: readonly (number | null | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

const BAR_WIDTH = 7;

/** Failed calls below, the others above them. The title shows while the mouse is over the bar. */
function MinuteBar({
  minute: { calls, failures },
  left,
  top,
}: {
  minute: Minute;
  left: number;
  top: number;
}) {
  if (calls === 0) return null;
  const height = (calls / top) * HEIGHT;
  const failed = (Math.min(failures, calls) / top) * HEIGHT;
  return (
    <g>
      <title>
        {formatRate(calls)} calls/s, {formatPercent(Math.min(failures / calls, 1))} failed
      </title>
      <rect
        class="fill-calls"
        x={round(left + 1)}
        y={round(HEIGHT - height)}
        width={BAR_WIDTH}
        height={round(height - failed)}
      />
      {failed > 0 && (
        <rect
          class="fill-failed"
          x={round(left + 1)}
          y={round(HEIGHT - failed)}
          width={BAR_WIDTH}
          height={round(failed)}
        />
      )}
    </g>
  );
}

const POINT_WIDTH = 3;

/** Returns the path of a line with gaps; a value between two gaps becomes a short dash. */
function lineOf(values: readonly (number | undefined)[], top: number): string {
  const step = WIDTH / values.length;
  return values
    .flatMap((value, index) => {
      if (value === undefined) return [];
      const point = `${round((index + 0.5) * step)} ${round(HEIGHT - (value / top) * HEIGHT)}`;
      if (values[index - 1] !== undefined) return [`L${point}`];
      return [values[index + 1] === undefined ? `M${point}h${POINT_WIDTH}` : `M${point}`];
    })
    .join('');
}

function rowsOf(minutes: readonly Minute[]): [number, ...string[]][] {
  return Array.from({ length: Math.ceil(minutes.length / ROW_MINUTES) }, (_, index) => {
    const part = minutes.slice(index * ROW_MINUTES, (index + 1) * ROW_MINUTES);
    const [median, slow] = [highestOf(part.map(({ p50 }) => p50)), highestOf(part.map(({ p95 }) => p95))];
    return [
      part[0]?.at ?? 0,
      formatRate(averageOf(part.map(({ calls }) => calls))),
      formatRate(averageOf(part.map(({ failures }) => failures))),
      median === undefined ? '–' : formatMs(median),
      slow === undefined ? '–' : formatMs(slow),
    ];
  });
}

export function describeRates({ perSecond, failuresPerSecond, p50, p95 }: CallRates): string {
  const calls =
    perSecond === 0
      ? 'No calls at the moment.'
      : `${formatRate(perSecond)} calls/s, ${formatPercent(failuresPerSecond / perSecond)} failed.`;
  const [median, slow] = [latest(p50), latest(p95)];
  if (median === undefined || slow === undefined) return calls;
  return `${calls} Median ${formatMs(median)}, 95th percentile ${formatMs(slow)}.`;
}

function latest(values: readonly (number | null)[]): number | undefined {
  return values.findLast((value) => value !== null) ?? undefined;
}

function formatRate(perSecond: number): string {
  return formatNumber(Math.round(perSecond * 10) / 10);
}

function formatMs(ms: number): string {
  return `${formatNumber(Math.round(ms))} ms`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
