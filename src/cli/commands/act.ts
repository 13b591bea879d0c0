/** Who acts on the command line: the user of this machine, with the reason that was given. */

import { type Act, thisUser } from '../../services/campaigns/control.ts';

/** The act of whoever runs the command. */
export function localAction(reason = ''): Act {
  return { by: thisUser(), via: 'command line', reason };
}
