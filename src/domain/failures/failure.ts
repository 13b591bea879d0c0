/**
 * Every way a step can go wrong, once. `docs/errors.md` lists the same codes and a test holds
 * the two equal. A code is never renamed or reused: operators filter and alert by it.
 */

/**
 * Where it broke, which decides what may be repeated: a `create` is repeated freely `before` it
 * was sent, never blindly when it was `maybe` sent, and by the answer `after` it was answered.
 */
export type FailureStage = 'before' | 'maybe' | 'after';

interface FailureKind {
  stage: FailureStage;
  /**
   * Whether trying again, unchanged, can help: `never`; `attempt`, with growing pauses and an end;
   * `wait`, for as long as it takes, because the fault is not this job's; `pause`, the same, and
   * nobody else calls meanwhile, because it would fare no better.
   */
  repeat: 'never' | 'attempt' | 'wait' | 'pause';
  /** What it means, in words for someone who did not build this. */
  meaning: string;
  /** What an operator should do. */
  action: string;
}

const kinds = {
  ROW_ID_MISSING: {
    stage: 'before',
    repeat: 'never',
    meaning: 'The row has no customer id, so nobody could be written back to.',
    action: 'Fill the id column in the export and send the row again.',
  },
  ROW_RAGGED: {
    stage: 'before',
    repeat: 'never',
    meaning: 'The row has more or fewer cells than the header.',
    action: 'Look for an unquoted delimiter or quote in that row, mend it and send the row again.',
  },
  ROW_UNREADABLE: {
    stage: 'before',
    repeat: 'never',
    meaning: 'The row is no customer: it is far too long, or a line that is no JSON object.',
    action: 'Mend the row in the export and send it again.',
  },
  ROW_FIELD_MISSING: {
    stage: 'before',
    repeat: 'never',
    meaning: 'A field that the template needs is empty for this customer.',
    action:
      "Fill the attribute in Bloomreach, or allow it to be empty in the template: {{ customer.NAME | default('') }}.",
  },
  TEMPLATE_FAILED: {
    stage: 'before',
    repeat: 'never',
    meaning: 'The program’s template could not be rendered for this customer.',
    action: 'Mend the template in the programs file, then retry this cause.',
  },
  PROGRAM_UNKNOWN: {
    stage: 'before',
    repeat: 'never',
    meaning:
      'The programs file of this worker has no program of that name, or it lacks the section for this action.',
    action: 'Add the program or the section to the programs file, then retry this cause.',
  },
  VOUCHERS_EMPTY: {
    stage: 'before',
    repeat: 'wait',
    meaning: 'No voucher code is left for the card.',
    action:
      'Add codes at the end of the file that the program names under vouchers; the job goes on by itself then.',
  },
  JOB_VERSION_UNKNOWN: {
    stage: 'before',
    repeat: 'wait',
    meaning: 'The job was written by a newer version of passbridge.',
    action: 'Finish the upgrade of every worker; the job waits until then.',
  },
  JOB_BUG: {
    stage: 'before',
    repeat: 'attempt',
    meaning: 'passbridge itself failed on this job.',
    action: 'Report it with the log line of this job, then retry this cause.',
  },
  JOB_POISONED: {
    stage: 'before',
    repeat: 'never',
    meaning: 'Every worker that took this job died with it, so it was set aside for the others to go on.',
    action: 'Look into the workers’ logs and memory at that time; retry this cause once it is understood.',
  },
  PM_UNREACHABLE: {
    stage: 'before',
    repeat: 'attempt',
    meaning: 'Passmachine could not be reached: refused, unknown host, or no connection in time.',
    action: 'Check PASSMACHINE_URL and the network; jobs go on by themselves once it answers.',
  },
  PM_DOWN: {
    stage: 'before',
    repeat: 'pause',
    meaning: 'Passmachine failed several calls in a row, so calls are kept back until one gets through.',
    action: 'Nothing: one call at a time probes, no attempt is used, and all go on once it is back.',
  },
  PM_TOKEN_REJECTED: {
    stage: 'before',
    repeat: 'pause',
    meaning: 'Passmachine refused the credentials for a token.',
    action: 'Check PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN; jobs wait until then.',
  },
  PM_TOKEN_UNAVAILABLE: {
    stage: 'before',
    repeat: 'pause',
    meaning: 'Passmachine did not hand out a token (an outage, or an answer that holds none).',
    action: 'Nothing at first: jobs wait and go on by themselves. Check PASSMACHINE_URL if it lasts.',
  },
  PM_UNAUTHORIZED: {
    stage: 'after',
    repeat: 'pause',
    meaning: 'Passmachine refused a token that it had just handed out.',
    action: 'Check that the account id belongs to the credentials.',
  },
  PM_FORBIDDEN: {
    stage: 'after',
    repeat: 'never',
    meaning: 'The credentials may not do this in this Passmachine account.',
    action: 'Check PASSMACHINE_ACCOUNT_ID and the rights of the account, then retry this cause.',
  },
  PM_TEMPLATE_UNKNOWN: {
    stage: 'after',
    repeat: 'never',
    meaning: 'Passmachine does not know the account or the card template.',
    action: 'Check templateId in the programs file and PASSMACHINE_ACCOUNT_ID, then retry this cause.',
  },
  PM_PASS_GONE: {
    stage: 'after',
    repeat: 'never',
    meaning: 'Passmachine no longer knows this card: it was deleted there, or its id is wrong.',
    action: 'Issue a new card to these customers.',
  },
  PM_REFUSED: {
    stage: 'after',
    repeat: 'never',
    meaning: 'Passmachine refused the content of the call.',
    action: 'Read its answer, mend the template or the customer’s data, then retry this cause.',
  },
  PM_RATE_LIMITED: {
    stage: 'after',
    repeat: 'pause',
    meaning: 'Passmachine asked to slow down (429).',
    action:
      'Nothing: all calls pause for as long as it asked. Lower PASSMACHINE_MAX_PER_SECOND if it happens often.',
  },
  PM_UNAVAILABLE: {
    stage: 'after',
    repeat: 'attempt',
    meaning: 'Passmachine answered with an error of its own (5xx).',
    action:
      'Nothing at first: it is tried again with growing pauses. Retry this cause once Passmachine is well.',
  },
  PM_UNKNOWN_TIMEOUT: {
    stage: 'maybe',
    repeat: 'attempt',
    meaning: 'The call was sent and no answer came in time: the card may or may not have been made.',
    action: 'Look the customer up in Passmachine; repeat it (retry --unknown) only if there is no card.',
  },
  PM_UNKNOWN_RESET: {
    stage: 'maybe',
    repeat: 'attempt',
    meaning: 'The connection broke before the answer: the card may or may not have been made.',
    action: 'Look the customer up in Passmachine; repeat it (retry --unknown) only if there is no card.',
  },
  PM_UNKNOWN_ANSWER: {
    stage: 'maybe',
    repeat: 'attempt',
    meaning: 'Passmachine said yes, but its answer holds no card id that could be read.',
    action:
      'The card was most likely made: look the customer up in Passmachine before you repeat it (retry --unknown).',
  },
  PM_UNKNOWN_CRASH: {
    stage: 'maybe',
    repeat: 'attempt',
    meaning: 'The worker died while the call was out: the card may or may not have been made.',
    action: 'Look the customer up in Passmachine; repeat it (retry --unknown) only if there is no card.',
  },
  BR_UNREACHABLE: {
    stage: 'before',
    repeat: 'pause',
    meaning: 'Bloomreach could not be reached, or gave no answer.',
    action: 'Check BLOOMREACH_URL and the network; write-backs go on by themselves.',
  },
  BR_RATE_LIMITED: {
    stage: 'after',
    repeat: 'pause',
    meaning: 'Bloomreach asked to slow down (429).',
    action: 'Nothing: write-backs pause and go on by themselves.',
  },
  BR_UNAVAILABLE: {
    stage: 'after',
    repeat: 'pause',
    meaning: 'Bloomreach answered with an error of its own (5xx).',
    action: 'Nothing at first: write-backs are tried again with growing pauses.',
  },
  BR_UNAUTHORIZED: {
    stage: 'after',
    repeat: 'pause',
    meaning: 'Bloomreach refused the API key or the project token.',
    action:
      'Check BLOOMREACH_PROJECT_TOKEN, BLOOMREACH_API_KEY_ID and BLOOMREACH_API_SECRET, and the key’s permission to set customer properties.',
  },
  BR_COMMAND_REFUSED: {
    stage: 'after',
    repeat: 'attempt',
    meaning: 'Bloomreach refused to save this customer’s attributes. The card exists.',
    action: 'Read its answer; check the customer id and the key’s permissions, then retry this cause.',
  },
  BR_BATCH_REFUSED: {
    stage: 'after',
    repeat: 'never',
    meaning:
      'Bloomreach refused the whole call and this command was found to be the reason. The card exists.',
    action: 'Read its answer, mend the program’s attributes, then retry this cause.',
  },
} as const satisfies Record<string, FailureKind>;

/** A code from the table, e.g. `PM_PASS_GONE`. */
export type FailureCode = keyof typeof kinds;

/** The whole table, by code. */
export const failureKinds: Readonly<Record<FailureCode, FailureKind>> = kinds;

/** One thing that went wrong. A value, not an exception: expected failures are returned. */
export interface Failure {
  code: FailureCode;
  /** What the other side or the template said, ≤ 300 characters, without secrets. */
  detail: string;
  /** HTTP status, where there was an answer. */
  status?: number;
  /** How long the other side asked to wait, in milliseconds. */
  retryAfterMs?: number;
}

/** A failure as a log may have it: what the other side said may name people. */
export function logFieldsOf({ code, status, retryAfterMs }: Failure): Omit<Failure, 'detail'> {
  return {
    code,
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** One cause, how often it struck, and a few of the rows that it struck, in order. */
export interface FailureCount {
  code: FailureCode;
  count: number;
  examples: { row: number; detail: string }[];
}

const DETAIL_LIMIT = 300;

/** Builds a {@link Failure}; the detail is cut to 300 characters. */
export function failure(
  code: FailureCode,
  detail: string,
  more: Pick<Failure, 'status' | 'retryAfterMs'> = {},
): Failure {
  return { code, detail: detail.slice(0, DETAIL_LIMIT), ...more };
}
