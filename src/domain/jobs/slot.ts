/** The turn of a job that a worker has in hand: when its call may begin, and that it is over. */

export interface Slot {
  /** Resolves when the call may begin; false where it must not any more: the process stops. */
  start(): Promise<boolean>;
  /** No call of it is under way any more, or none will be: the next one's turn. Again changes nothing. */
  release(): void;
}
