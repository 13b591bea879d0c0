/** What the operator can mend: a missing binary, a folder of somebody else's, a server that does not start. */

/** Its message names the place and the remedy, so it is shown as it is, without a stack. */
export class PrivateRedisError extends Error {
  override readonly name = 'PrivateRedisError';
}
