/** Where the speed dial is sent. */

import { UserError } from '../../../kit/user-error.ts';
import type { OverviewService } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { actionOf, field, goTo } from '../parts/audited-action.ts';

/** Adds it to a guarded scope. */
export function addLimitRoute({ scope }: DashboardScope, service: OverviewService): void {
  /** `step=reset`, or `inFlight` and `perSecond`; an empty one stays as it is. */
  scope.post('/limits', { config: { role: 'operator' } }, async (request, reply) => {
    const { body } = request;
    const limit = (name: string) => {
      const text = field(body, name);
      if (text === '') return undefined;
      if (/^\d{1,6}$/.test(text)) return Number(text);
      throw new UserError('INVALID_REQUEST', `${text} is no limit: give a whole number.`);
    };
    if (field(body, 'step') === 'reset') await service.resetLimits(actionOf(request));
    else
      await service.setLimits(
        { maxInFlight: limit('inFlight'), maxPerSecond: limit('perSecond') },
        actionOf(request),
      );
    return goTo(reply, '/');
  });
}
