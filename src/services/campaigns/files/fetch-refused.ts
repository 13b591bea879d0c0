/** What a fetch says instead of a file. */

import { UserError } from '../../../kit/user-error.ts';

/** A source from which no campaign can be started now; the message says why and what to do. */
export class FetchRefused extends UserError {
  /** Nothing is wrong: there is just nothing new, or nobody in it. */
  readonly isEmpty: boolean;

  constructor(message: string, { isEmpty }: { isEmpty: boolean } = { isEmpty: false }) {
    super(message);
    this.isEmpty = isEmpty;
  }
}
