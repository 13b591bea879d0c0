/** The page that asks before all failures of a cause are retried or discarded. */

import type { FailureGroup } from '../../../domain/failures/failure-group.ts';
import { formatCount, formatNumber } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import type { Viewer } from '../layout.tsx';
import { Confirm } from '../parts/forms.tsx';

/** The actions on a whole cause. */
export const causeActions = {
  retry: {
    route: routes.causeRetry,
    label: 'Retry',
    tone: 'primary',
    consequence:
      'They are queued after all waiting jobs, with a full set of attempts and the current program. Failures of campaigns that are held, paused or stopped are excluded.',
  },
  discard: {
    route: routes.causeDiscard,
    label: 'Discard',
    tone: 'danger',
    consequence:
      'They disappear from this list for good. The totals and downloads of their campaigns do not change.',
  },
} as const;

interface ConfirmActionProps {
  kind: keyof typeof causeActions;
  group: FailureGroup;
  campaign: string | undefined;
  viewer: Viewer;
}

export function ConfirmAction({ kind, group, campaign, viewer }: ConfirmActionProps) {
  const { cause, count, unknown, campaigns } = group;
  const { route, label, tone, consequence } = causeActions[kind];
  const isRisky = kind === 'retry' && unknown;
  return (
    <>
      <h1>
        {isRisky
          ? `Create ${formatCount(count, 'card')} again?`
          : `${label} ${formatCount(count, unknown ? 'unknown outcome' : 'failure')}?`}
      </h1>
      <Confirm
        to={pathTo(route, { cause: cause.id }, { campaign })}
        label={isRisky ? 'Create again anyway' : `${label} all ${formatNumber(count)}`}
        tone={isRisky ? 'danger' : tone}
        back={unknown ? routes.unknownOutcomes : routes.attention}
        csrfToken={viewer.csrfToken}
        needsReason={kind === 'discard'}
      >
        <p>
          <code>{cause.code}</code> {cause.pattern}
        </p>
        <p>
          In {formatCount(campaigns.length, 'campaign')}. {consequence}
        </p>
        {/* The page says that these outcomes are unknown and what may follow, so the action may include them. */}
        <input type="hidden" name="unknown" value={unknown ? 'yes' : 'no'} />
        {isRisky && (
          <>
            <input type="hidden" name="acceptSecondCards" value="yes" />
            <p class="alert alert-danger" role="alert">
              Some of these customers may already have a card. They would get a second one.
            </p>
          </>
        )}
      </Confirm>
    </>
  );
}
