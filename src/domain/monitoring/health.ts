/**
 * Whether cards and notifications are sent, and if not, what prevents it: one judgment for the pages, the API, the
 * command line, the probe and the alerts, so that none of them contradicts another.
 */

/** What keeps the whole installation from sending. Ordered by urgency: the first is the one to fix first. */
export const blockerCodes = [
  'redis-away',
  'redis-refuses',
  'no-worker',
  'token-refused',
  'passmachine-down',
  'creates-paused',
  'rate-limited',
  'calls-stalled',
  'no-feeder',
] as const;

export type BlockerCode = (typeof blockerCodes)[number];

/** What stops no sending, and is to be seen on every page all the same. */
export const impairments = ['bloomreach-down', 'programs-file-invalid'] as const;

export type Impairment = (typeof impairments)[number];

/**
 * `sending`: a call has succeeded within {@link SENDING_MS}. `waiting`: work is left, and none has. `paused`: all
 * campaigns with work left are paused or held. `idle`: nothing is left to send.
 */
export type HealthState = 'sending' | 'waiting' | 'paused' | 'idle' | BlockerCode;

export interface Problem {
  code: BlockerCode | Impairment;
  /** Whole sentences for everybody, the same for each code. */
  headline: string;
  /** What is known of this occurrence: one clause that begins in lower case, without a full stop. */
  detail: string;
  /** What an operator can do: whole sentences. */
  remedy: string;
  /** Milliseconds since 1970, if it is known. */
  since?: number;
}

export interface Health {
  state: HealthState;
  /** The headline of the state. */
  headline: string;
  /** Most urgent first; the first blocker is the state. */
  problems: Problem[];
  /** When it was judged, ms since 1970. */
  at: number;
}

/** A call that succeeded longer ago proves nothing about now: neither that work is sent, nor when it will end. */
export const SENDING_MS = 30_000;

export const headlines: Readonly<Record<HealthState | Impairment, string>> = {
  sending: 'Sending.',
  waiting: 'Waiting: no call to Passmachine has succeeded in the last 30 seconds.',
  paused: 'Nothing is being sent: every campaign with customers left is paused or held.',
  idle: 'Nothing to send.',
  'redis-away': 'Nothing is being sent: the storage (Redis) does not answer. Nothing is lost.',
  'redis-refuses': 'Nothing is being sent: the storage (Redis) stores nothing. Nothing is lost.',
  'no-worker': 'Nothing is being sent: no worker takes jobs.',
  'token-refused': 'Nothing is being sent: Passmachine rejects our credentials.',
  'passmachine-down': 'Passmachine is down. Sending is paused and resumes automatically; nothing is lost.',
  'creates-paused':
    'No cards are being created, because Passmachine may have made one without an answer. Updates and notifications continue.',
  'rate-limited': 'Sending is paused, as Passmachine asked (429), and resumes automatically.',
  'calls-stalled': 'Nothing is being sent: a worker makes no calls for no known reason.',
  'no-feeder': 'The remaining customers are not being read: no feeder takes jobs.',
  'bloomreach-down': 'Saving to Bloomreach is paused and resumes automatically; nothing is lost.',
  'programs-file-invalid':
    'The changed programs file is invalid, so the previous version stays active until it is fixed.',
};
