/**
 * The table of failure codes. `docs/errors.md` is generated from it, and a test checks that the two match. A code
 * must never be renamed or reused, because operators filter and alert by it.
 */

import { rowKinds } from './row-kinds.ts';

/**
 * How far the call got, which decides whether a `create` may be repeated: `before` it was sent, always; when it was
 * `maybe` sent, never automatically; `after` the answer, it depends on the answer.
 */
export type FailureStage = 'before' | 'maybe' | 'after';

interface FailureKind {
  stage: FailureStage;
  /**
   * Whether an unchanged retry can help: `never`; `attempt`, with backoff and a maximum number of attempts;
   * `wait`, for as long as it takes, because the job is not the cause; `pause`, the same, and all other calls
   * wait too, because they would fail for the same reason.
   */
  repeat: 'never' | 'attempt' | 'wait' | 'pause';
  /**
   * What the answer, or the lack of one, says about the upstream; absent if no call was answered or attempted.
   * `down`: unreachable, timed out or broken; opens the breaker. `impaired`: up, but it did not serve this call: rate
   * limit, credentials, an unreadable answer. `healthy`: it served the call and refused its content.
   */
  upstream?: 'down' | 'impaired' | 'healthy';
  /** What happened: one sentence, for operators. */
  meaning: string;
  /** What an operator should do: one sentence, imperative. */
  remedy: string;
}

const kinds = {
  ...rowKinds,
  TEMPLATE_FAILED: {
    stage: 'before',
    repeat: 'never',
    meaning: 'The program’s template cannot be rendered for this customer.',
    remedy: 'Fix the template in the programs file, then retry this cause.',
  },
  PROGRAM_UNKNOWN: {
    stage: 'before',
    repeat: 'never',
    meaning: 'The worker’s programs file has no such program, or the program has no section for this action.',
    remedy: 'Add the program or the section to the programs file, then retry this cause.',
  },
  VOUCHERS_EMPTY: {
    stage: 'before',
    repeat: 'wait',
    meaning: 'No voucher codes are left for the card.',
    remedy:
      'Append codes to the file named under vouchers in the program; waiting jobs then continue automatically.',
  },
  JOB_VERSION_UNKNOWN: {
    stage: 'before',
    repeat: 'wait',
    meaning: 'The job was written by a newer version of passbridge.',
    remedy: 'Upgrade every worker; the job waits until then.',
  },
  JOB_BUG: {
    stage: 'before',
    repeat: 'attempt',
    meaning: 'passbridge failed on this job because of a bug.',
    remedy: 'Report it with the log line of this job, then retry this cause.',
  },
  JOB_POISONED: {
    stage: 'before',
    repeat: 'never',
    meaning: 'Every worker that processed this job crashed, so the job was dead-lettered.',
    remedy:
      'Check the workers’ logs and memory at that time, and retry this cause once the crash is explained.',
  },
  PROCESS_STOPPING: {
    stage: 'before',
    repeat: 'wait',
    meaning: 'The process was told to stop just before it would have called Passmachine.',
    remedy: 'Nothing: no attempt is used, and the next worker runs the job.',
  },
  PM_UNREACHABLE: {
    stage: 'before',
    repeat: 'attempt',
    upstream: 'down',
    meaning: 'Passmachine could not be reached: connection refused, unknown host, or connect timeout.',
    remedy: 'Check PASSMACHINE_URL and the network; jobs continue automatically once Passmachine answers.',
  },
  PM_DOWN: {
    stage: 'before',
    repeat: 'pause',
    meaning: 'Several calls to Passmachine failed in a row, so the circuit breaker is open.',
    remedy:
      'Wait: one call at a time probes Passmachine, no attempt is used, and all jobs continue once a probe succeeds.',
  },
  PM_CREATES_PAUSED: {
    stage: 'before',
    repeat: 'wait',
    meaning:
      'An earlier create may or may not have made its card, so no other create is sent until creates work again.',
    remedy:
      'Wait: one create at a time tests Passmachine, at most 10 minutes apart; no attempt is used, and updates and notifications continue.',
  },
  PM_TOKEN_REJECTED: {
    stage: 'before',
    repeat: 'pause',
    upstream: 'impaired',
    meaning: 'Passmachine rejected the credentials when asked for a token.',
    remedy: 'Check PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN; jobs wait until they are accepted.',
  },
  PM_TOKEN_UNAVAILABLE: {
    stage: 'before',
    repeat: 'pause',
    upstream: 'down',
    meaning: 'Passmachine issued no token: it is down, or its answer holds none.',
    remedy: 'Wait: jobs continue automatically; check PASSMACHINE_URL if this persists.',
  },
  PM_UNAUTHORIZED: {
    stage: 'after',
    repeat: 'pause',
    upstream: 'impaired',
    meaning: 'Passmachine rejected a token that it had just issued.',
    remedy: 'Check that PASSMACHINE_ACCOUNT_ID belongs to the credentials.',
  },
  PM_FORBIDDEN: {
    stage: 'after',
    repeat: 'never',
    upstream: 'impaired',
    meaning: 'The credentials lack permission for this call in the Passmachine account.',
    remedy: 'Check PASSMACHINE_ACCOUNT_ID and the account’s permissions, then retry this cause.',
  },
  PM_TEMPLATE_UNKNOWN: {
    stage: 'after',
    repeat: 'never',
    upstream: 'healthy',
    meaning: 'Passmachine does not know the account or the card template.',
    remedy: 'Check templateId in the programs file and PASSMACHINE_ACCOUNT_ID, then retry this cause.',
  },
  PM_PASS_GONE: {
    stage: 'after',
    repeat: 'never',
    upstream: 'healthy',
    meaning: 'Passmachine no longer knows this card: it was deleted, or its id is wrong.',
    remedy: 'Issue new cards to these customers.',
  },
  PM_REFUSED: {
    stage: 'after',
    repeat: 'never',
    upstream: 'healthy',
    meaning: 'Passmachine rejected the content of the call.',
    remedy: 'Read its answer, fix the template or the customer’s data, then retry this cause.',
  },
  PM_RATE_LIMITED: {
    stage: 'after',
    repeat: 'pause',
    upstream: 'impaired',
    meaning: 'Passmachine asked to slow down (429).',
    remedy:
      'Wait: all calls pause for as long as it asked; lower PASSMACHINE_MAX_PER_SECOND if this happens often.',
  },
  PM_UNAVAILABLE: {
    stage: 'after',
    repeat: 'attempt',
    upstream: 'down',
    meaning:
      'Passmachine answered 503 and named a time to come back (Retry-After), or its gateway could not connect to it (521, 522, 523, 525, 526), so nothing was done with the call.',
    remedy: 'Wait for the automatic retries, and retry this cause once Passmachine has recovered.',
  },
  PM_UNKNOWN_ERROR: {
    stage: 'maybe',
    repeat: 'attempt',
    upstream: 'down',
    meaning:
      'The call was sent and answered with a server error (5xx), a redirect or a gateway’s page: the card may or may not have been made.',
    remedy: 'Look the customer up in Passmachine, and retry (retry --unknown) only if there is no card.',
  },
  PM_UNKNOWN_TIMEOUT: {
    stage: 'maybe',
    repeat: 'attempt',
    upstream: 'down',
    meaning: 'The call was sent but timed out: the card may or may not have been made.',
    remedy: 'Look the customer up in Passmachine, and retry (retry --unknown) only if there is no card.',
  },
  PM_UNKNOWN_RESET: {
    stage: 'maybe',
    repeat: 'attempt',
    upstream: 'down',
    meaning: 'The connection broke before the answer: the card may or may not have been made.',
    remedy: 'Look the customer up in Passmachine, and retry (retry --unknown) only if there is no card.',
  },
  PM_UNKNOWN_ANSWER: {
    stage: 'maybe',
    repeat: 'attempt',
    upstream: 'impaired',
    meaning: 'Passmachine reported success, but its answer has no readable card id.',
    remedy:
      'Look the customer up in Passmachine before you retry (retry --unknown): the card was most likely made.',
  },
  PM_UNKNOWN_CRASH: {
    stage: 'maybe',
    repeat: 'attempt',
    meaning: 'The worker crashed during the call: the card may or may not have been made.',
    remedy: 'Look the customer up in Passmachine, and retry (retry --unknown) only if there is no card.',
  },
  PM_SECOND_CARD: {
    stage: 'after',
    repeat: 'never',
    upstream: 'healthy',
    meaning:
      'Passmachine made two cards for one customer: a create that had ended unknown was repeated, and both made a card.',
    remedy:
      'Delete the older card at Passmachine (the detail names the one that was found last), then discard this failure.',
  },
  BR_UNREACHABLE: {
    stage: 'before',
    repeat: 'pause',
    upstream: 'down',
    meaning: 'Bloomreach could not be reached, or did not answer.',
    remedy: 'Check BLOOMREACH_URL and the network; write-backs continue automatically.',
  },
  BR_RATE_LIMITED: {
    stage: 'after',
    repeat: 'pause',
    upstream: 'impaired',
    meaning: 'Bloomreach asked to slow down (429).',
    remedy: 'Wait: write-backs pause and continue automatically.',
  },
  BR_UNAVAILABLE: {
    stage: 'after',
    repeat: 'pause',
    upstream: 'down',
    meaning: 'Bloomreach answered with a server error (5xx).',
    remedy: 'Wait: write-backs are retried with backoff.',
  },
  BR_UNAUTHORIZED: {
    stage: 'after',
    repeat: 'pause',
    upstream: 'impaired',
    meaning: 'Bloomreach rejected the API key or the project token.',
    remedy:
      'Check BLOOMREACH_PROJECT_TOKEN, BLOOMREACH_API_KEY_ID and BLOOMREACH_API_SECRET, and the key’s permission to set customer properties.',
  },
  BR_ANSWER_UNREADABLE: {
    stage: 'after',
    repeat: 'pause',
    upstream: 'impaired',
    meaning:
      'The answer was not Bloomreach’s: a redirect, a login page, the page of a firewall or proxy, or not the JSON that it documents.',
    remedy:
      'Check BLOOMREACH_URL and every proxy or firewall on the way; write-backs pause and continue automatically.',
  },
  BR_COMMAND_REFUSED: {
    stage: 'after',
    repeat: 'attempt',
    upstream: 'healthy',
    meaning: 'Bloomreach refused to save this customer’s attributes; the card exists.',
    remedy: 'Read its answer, check the customer id and the key’s permissions, then retry this cause.',
  },
  BR_BATCH_REFUSED: {
    stage: 'after',
    repeat: 'never',
    upstream: 'healthy',
    meaning: 'Bloomreach refused the whole batch because of this command; the card exists.',
    remedy: 'Read its answer, fix the program’s attributes, then retry this cause.',
  },
} as const satisfies Record<string, FailureKind>;

/** A code from the table, e.g. `PM_PASS_GONE`. */
export type FailureCode = keyof typeof kinds;

/** The table, by code. */
export const failureKinds: Readonly<Record<FailureCode, FailureKind>> = kinds;

export function isFailureCode(text: string): text is FailureCode {
  return Object.hasOwn(kinds, text);
}

/** A failed step. A value, not an exception: expected failures are returned. */
export interface Failure {
  code: FailureCode;
  /** The message of the upstream or the template, ≤ 300 characters, without secrets. */
  detail: string;
  /** HTTP status, if there was an answer. */
  status?: number;
  /** How long the upstream asked to wait, in milliseconds. */
  retryAfterMs?: number;
}

/** Returns the fields that may be logged. The detail may contain personal data. */
export function logFieldsOf({ code, status, retryAfterMs }: Failure): Omit<Failure, 'detail'> {
  return {
    code,
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** Whether the failure is a sign of an outage. The breaker and the overview count these. */
export function isOutage({ code }: Failure): boolean {
  return failureKinds[code].upstream === 'down';
}

/** Whether the call counts as failed in call stats and metrics: the upstream did not serve it. */
export function countsAgainstUpstream({ code }: Failure): boolean {
  const { upstream } = failureKinds[code];
  return upstream === 'down' || upstream === 'impaired';
}

/** How often a code occurred, with examples in row order. */
export interface FailureCount {
  code: FailureCode;
  count: number;
  examples: { row: number; detail: string }[];
}

const DETAIL_LIMIT = 300;

/** Returns a {@link Failure}; truncates the detail to 300 characters. */
export function failure(
  code: FailureCode,
  detail: string,
  more: Pick<Failure, 'status' | 'retryAfterMs'> = {},
): Failure {
  return { code, detail: detail.slice(0, DETAIL_LIMIT), ...more };
}
