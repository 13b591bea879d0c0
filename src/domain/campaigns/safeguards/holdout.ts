/** Holdout: a share of the customers is never sent to, so that those sent to can be compared with them. */

import { defineSafeguard } from '../options/option.ts';

export interface Holdout {
  /** Above 0 and below 1. */
  share: number;
  /** Separates the holdouts of one program. Absent: all campaigns of the program share one. */
  name?: string;
}

export const holdout = defineSafeguard({
  options: {
    holdout: {
      kind: 'share',
      exclusive: true,
      label: 'Holdout',
      help: 'Skip this share of the customers as held-out, always the same ones in all campaigns of the program.',
      example: '5%',
    },
    holdoutName: {
      kind: 'name',
      label: 'Name of the holdout',
      help: 'Give the campaigns with this name a holdout with other members.',
      example: 'spring',
      needs: 'holdout',
    },
  },
  guard: ({ holdout: share, holdoutName: name }): Holdout | undefined =>
    share === undefined ? undefined : { share, ...(name !== undefined && { name }) },
});
