/** Where the speed dial is sent. */

import { ActRefused } from '../../../kit/user-error.ts';
import type { NowDesk } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { actOf, field, goTo } from '../parts/audited-action.ts';

/** Adds it to a guarded scope. */
export function addLimitRoute({ scope }: DashboardScope, desk: NowDesk): void {
  /** `step=reset`, or `inFlight` and `perSecond`; an empty one stays as it is. */
  scope.post('/limits', { config: { role: 'operator' } }, async (request, reply) => {
    const { body } = request;
    const limit = (name: string) => {
      const text = field(body, name);
      if (text === '') return undefined;
      if (/^\d{1,6}$/.test(text)) return Number(text);
      throw new ActRefused(`${text} is no limit: give a whole number.`);
    };
    if (field(body, 'step') === 'reset') await desk.resetLimits(actOf(request));
    else
      await desk.setLimits(
        { maxInFlight: limit('inFlight'), maxPerSecond: limit('perSecond') },
        actOf(request),
      );
    return goTo(reply, '/');
  });
}
