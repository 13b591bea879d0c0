/** The HTTP status of a refused request, for pages and the API. */

import type { UserErrorCode } from '../kit/user-error.ts';

/** Returns 400 if the request can never succeed as it is; 409 if the current state does not allow it. */
export function statusOfRefusal(code: UserErrorCode): 400 | 409 {
  switch (code) {
    case 'INVALID_FAULTS':
    case 'INVALID_REQUEST':
    case 'INVALID_SELECTION':
    case 'LIMIT_REFUSED':
      return 400;
    case 'BACKUP_REFUSED':
    case 'BULK_ACTION_REFUSED':
    case 'ERASURE_REFUSED':
    case 'FETCH_FAILED':
    case 'INVALID_CAMPAIGN':
    case 'OUTDATED_DATA':
    case 'RECONCILE_REFUSED':
    case 'REDIS_AWAY':
    case 'REDIS_MISCONFIGURED':
    case 'RESULTS_UNAVAILABLE':
    case 'SCHEDULE_REFUSED':
    case 'SOURCE_EMPTY':
    case 'WRONG_STATUS':
      return 409;
  }
}
