/**
 * Changed only: cards that would show what they show already are skipped. The row filter compares a hash
 * of the rendered card with the one that was written back as `passmachine_pass_hash`.
 */

import { defineSafeguard } from '../options/option.ts';

export const changedOnly = defineSafeguard({
  options: {
    changedOnly: {
      kind: 'switch',
      label: 'Only changed cards',
      help: 'Skip cards that would not change; the export must have the column passmachine_pass_hash.',
      // A notification changes nothing on the card to compare.
      actions: ['issue', 'reissue', 'update'],
    },
  },
  guard: ({ changedOnly: only }): true | undefined => (only === true ? true : undefined),
});
