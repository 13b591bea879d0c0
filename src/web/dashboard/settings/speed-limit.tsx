/** The form that sets the speed limits, and its route. */

import type { EffectiveLimits } from '../../../domain/campaigns/limits.ts';
import { hasRole } from '../../../domain/operators/operator.ts';
import { UserError } from '../../../kit/user-error.ts';
import { routes } from '../../paths.ts';
import type { OverviewService } from '../dashboard-service.ts';
import { contextOf, field, redirectTo } from '../form-fields.ts';
import type { Viewer } from '../layout.tsx';
import type { DashboardScope } from '../page.tsx';
import { CsrfField, ReasonField } from '../parts/forms.tsx';

/** Sets the limits of all processes, up to the configured ones. Nothing for viewers. */
export function SpeedLimitForm({
  limits: { maxInFlight, maxPerSecond },
  viewer,
}: {
  limits: EffectiveLimits;
  viewer: Viewer;
}) {
  if (!hasRole(viewer.operator.role, 'operator')) return null;
  return (
    <form id="speed-limit" method="post" action={routes.speedLimit} class="card">
      <h2>Speed limit</h2>
      <CsrfField token={viewer.csrfToken} />
      <div class="field-row">
        <LimitField
          name="inFlight"
          label="Simultaneous calls"
          value={maxInFlight.limit}
          max={maxInFlight.configured}
        />
        <LimitField
          name="perSecond"
          label="Calls per second"
          value={maxPerSecond.limit}
          max={maxPerSecond.configured}
        />
      </div>
      <ReasonField />
      <div class="actions">
        <button class="btn btn-primary" type="submit" name="step" value="set">
          Apply limits
        </button>
        <button class="btn" type="submit" name="step" value="reset">
          Reset to defaults
        </button>
        <button class="btn" type="submit" name="step" value="open-gate">
          Resume paused calls
        </button>
      </div>
    </form>
  );
}

interface LimitFieldProps {
  name: string;
  label: string;
  value: number | undefined;
  /** The configured limit; undefined for none. */
  max: number | undefined;
}

function LimitField({ name, label, value, max }: LimitFieldProps) {
  return (
    <div class="field">
      <label for={name}>
        {label} ({max === undefined ? 'no limit by default' : `1 to ${max}`})
      </label>
      <input id={name} name={name} type="number" min={1} max={max} value={value} />
    </div>
  );
}

/** Adds the route of the form: `step=reset`, `step=open-gate`, or `inFlight` and `perSecond`; an empty limit stays unchanged. */
export function addSpeedLimitRoute({ scope }: DashboardScope, service: OverviewService): void {
  scope.post(routes.speedLimit, { config: { role: 'operator' } }, async (request, reply) => {
    const { body } = request;
    if (field(body, 'step') === 'open-gate') {
      await service.openGate(contextOf(request));
    } else if (field(body, 'step') === 'reset') {
      await service.resetLimits(contextOf(request));
    } else {
      const limits = {
        maxInFlight: parseLimit(field(body, 'inFlight')),
        maxPerSecond: parseLimit(field(body, 'perSecond')),
      };
      await service.setLimits(limits, contextOf(request));
    }
    return redirectTo(reply, routes.settings);
  });
}

function parseLimit(text: string): number | undefined {
  if (text === '') return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UserError('INVALID_REQUEST', `“${text}” is not a limit. Enter a whole number.`);
}
