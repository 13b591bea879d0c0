/** An expected refusal: the request was wrong or came at a wrong time, and nothing changed. */

/** Stable and machine-readable; the API returns it with the message. */
export type UserErrorCode =
  | 'BACKUP_REFUSED'
  | 'BULK_ACTION_REFUSED'
  | 'ERASURE_REFUSED'
  | 'FETCH_FAILED'
  | 'INVALID_CAMPAIGN'
  | 'INVALID_FAULTS'
  | 'INVALID_REQUEST'
  | 'INVALID_SELECTION'
  | 'LIMIT_REFUSED'
  | 'OUTDATED_DATA'
  | 'RECONCILE_REFUSED'
  | 'REDIS_AWAY'
  | 'REDIS_MISCONFIGURED'
  | 'RESULTS_UNAVAILABLE'
  | 'SCHEDULE_REFUSED'
  /** The source has no rows to offer. */
  | 'SOURCE_EMPTY'
  /** The campaign's status does not allow it. */
  | 'WRONG_STATUS';

/** The message is shown to the user: what is wrong, where, and what to do. */
export class UserError extends Error {
  readonly code: UserErrorCode;

  constructor(code: UserErrorCode, message: string) {
    super(message);
    this.name = 'UserError';
    this.code = code;
  }
}

/** Returns whether an error is a {@link UserError} with one of these codes. */
export function isUserError(error: unknown, ...codes: readonly UserErrorCode[]): error is UserError {
  return error instanceof UserError && codes.includes(error.code);
}
