/** What an operator can do with a planned campaign: change its time, start it now, or cancel it. */

import { DateTime } from 'luxon';
import { pathTo, routes } from '../../paths.ts';
import { ActionForm, CsrfField } from '../parts/forms.tsx';
import type { Viewer } from '../layout.tsx';

interface PlannedActionsProps {
  id: string;
  /** Milliseconds since 1970. */
  startAt: number;
  viewer: Pick<Viewer, 'csrfToken' | 'zone'>;
}

export function PlannedActions({ id, startAt, viewer: { csrfToken, zone } }: PlannedActionsProps) {
  return (
    <div class="actions">
      <form method="post" action={pathTo(routes.campaignReschedule, { id })} class="actions">
        <CsrfField token={csrfToken} />
        <label for="start-at">Starts at ({zone})</label>
        <input
          id="start-at"
          name="startAt"
          type="datetime-local"
          required
          value={DateTime.fromMillis(startAt, { zone }).toFormat("yyyy-MM-dd'T'HH:mm")}
        />
        <button class="btn" type="submit">
          Change time
        </button>
      </form>
      <ActionForm
        to={pathTo(routes.campaignResume, { id })}
        label="Start now"
        tone="primary"
        about={id}
        csrfToken={csrfToken}
      />
      <a class="btn btn-danger" href={pathTo(routes.campaignStop, { id })}>
        Cancel campaign…
      </a>
    </div>
  );
}
