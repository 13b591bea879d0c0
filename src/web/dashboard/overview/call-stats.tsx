/** Calls per second and how long they took, over the last hour; and the dial that sets how many may be under way. */

import type { LimitsInForce } from '../../../domain/campaigns/limits.ts';
import type { CallRates } from '../../../domain/monitoring/overview.ts';
import { mayAct } from '../../../domain/operators/operator.ts';
import type { Reader } from '../layout.tsx';
import { ReasonField } from '../parts/confirm.tsx';
import { CsrfField } from '../parts/csrf-field.tsx';

/** The newest figure there is. */
function last(values: readonly (number | null)[]) {
  return values.findLast((value) => value !== null);
}

/** The figures in words, and as charts where there is a script; the charts are for the eye only. */
export function CallStats({ rates, reader: { zone } }: { rates: CallRates; reader: Reader }) {
  const { perSecond, failuresPerSecond, p50, p95 } = rates;
  const [typical, slow] = [last(p50), last(p95)];
  return (
    <>
      <p>
        {perSecond.toFixed(1)} calls a second, {failuresPerSecond.toFixed(1)} failed.
        {typical !== undefined &&
          slow !== undefined &&
          ` Half took up to ${typical} ms, 95 % up to ${slow} ms.`}
      </p>
      <script
        type="application/json"
        id="rates"
        dangerouslySetInnerHTML={{ __html: JSON.stringify(rates) }}
      />
      <div id="charts" class="row" data-zone={zone} aria-hidden="true" hx-morph-skip />
    </>
  );
}

/** Sets the limits for every process at once, within what is configured. */
export function LimitDial({
  limits: { maxInFlight, maxPerSecond },
  reader,
}: {
  limits: LimitsInForce;
  reader: Reader;
}) {
  return (
    <>
      <link rel="stylesheet" href="/assets/uplot.min.css" />
      <script src="/assets/charts.js" type="module" />
      {mayAct(reader.operator.role, 'operator') && (
        <form id="speed" method="post" action="/limits" class="card card-body mt-3">
          <h2>Speed</h2>
          <CsrfField token={reader.csrfToken} />
          <div class="row">
            <Dial
              name="inFlight"
              label="Calls under way at once"
              value={maxInFlight.limit}
              most={maxInFlight.configured}
            />
            <Dial
              name="perSecond"
              label="Calls started per second"
              value={maxPerSecond.limit}
              most={maxPerSecond.configured}
            />
          </div>
          <ReasonField />
          <div class="d-flex flex-wrap gap-2">
            <button class="btn btn-primary" type="submit" name="step" value="set">
              Set
            </button>
            <button class="btn" type="submit" name="step" value="reset">
              Back to what is configured
            </button>
          </div>
        </form>
      )}
    </>
  );
}

interface DialProps {
  name: string;
  label: string;
  value: number | undefined;
  /** As configured; absent for no limit. */
  most: number | undefined;
}

function Dial({ name, label, value, most }: DialProps) {
  return (
    <div class="col-md-6 mb-3">
      <label class="form-label" for={name}>
        {label}
        {most !== undefined && `, up to ${most}`}
      </label>
      <input class="form-control" id={name} name={name} type="number" min={1} max={most} value={value} />
    </div>
  );
}
