/** Calls to Passmachine over the last hour, in words and as charts. */

import type { CallRates } from '../../../domain/monitoring/overview.ts';
import { formatNumber, formatPercent } from '../../../domain/presentation/format.ts';
import type { Viewer } from '../layout.tsx';

/** The charts need JavaScript and are hidden from screen readers; the text carries the same numbers. */
export function CallStats({ rates, viewer: { zone } }: { rates: CallRates; viewer: Viewer }) {
  return (
    <>
      <p>{describeRates(rates)}</p>
      <script
        type="application/json"
        id="rates"
        dangerouslySetInnerHTML={{ __html: JSON.stringify(rates) }}
      />
      <div id="charts" class="row" data-zone={zone} aria-hidden="true" hx-morph-skip />
    </>
  );
}

/** The scripts and styles of the charts. */
export function ChartAssets() {
  return (
    <>
      <link rel="stylesheet" href="/assets/uplot.min.css" />
      <script src="/assets/charts.js" type="module" />
    </>
  );
}

function describeRates({ perSecond, failuresPerSecond, p50, p95 }: CallRates): string {
  const calls =
    perSecond === 0
      ? 'No calls at the moment.'
      : `${formatNumber(Math.round(perSecond * 10) / 10)} calls/s, ${formatPercent(failuresPerSecond / perSecond)} failed.`;
  const [median, slow] = [latest(p50), latest(p95)];
  if (median === undefined || slow === undefined) return calls;
  return `${calls} Median ${formatNumber(median)} ms, 95th percentile ${formatNumber(slow)} ms.`;
}

function latest(values: readonly (number | null)[]): number | undefined {
  return values.findLast((value) => value !== null) ?? undefined;
}
