/** Every way in which a location with exports can fail. `docs/sources.md` lists the same codes; a test keeps them equal. */

interface StoreFailure {
  /** Whether an unchanged retry can succeed. */
  retryable: boolean;
  /** The problem, for users who do not know the code. */
  meaning: string;
  remedy: string;
}

const failures = {
  STORE_KEY_REFUSED: {
    retryable: false,
    meaning: 'the login was refused',
    remedy:
      'Check the user name or access key id, its key, password or secret, and the clock of this machine.',
  },
  STORE_HOST_KEY_CHANGED: {
    retryable: false,
    meaning: 'the server presented another host key than the pinned one',
    remedy:
      'Ask the owner of the server whether its key was changed. Pin the new one (hostKey) only if it was; otherwise another server may be impersonating it.',
  },
  STORE_FORBIDDEN: {
    retryable: false,
    meaning: 'the login succeeded, but its permissions are insufficient',
    remedy: 'Allow this user or key to list and read the folder or bucket.',
  },
  STORE_NOT_FOUND: {
    retryable: false,
    meaning: 'the folder or bucket does not exist',
    remedy: 'Check its name and, for S3, the region and the endpoint.',
  },
  STORE_UNREACHABLE: {
    retryable: true,
    meaning: 'it could not be reached, or the connection was lost',
    remedy: 'It is retried automatically. If it persists, check the host, the port and the network.',
  },
  STORE_STALLED: {
    retryable: true,
    meaning: 'it stopped responding',
    remedy: 'It is retried automatically. If it persists, check the storage and the network.',
  },
  STORE_BUSY: {
    retryable: true,
    meaning: 'it responded with an internal error',
    remedy: 'It is retried automatically. If it persists, ask the owner of the storage.',
  },
  STORE_REFUSED: {
    retryable: false,
    meaning: 'it refused the request',
    remedy: 'Check the region, the endpoint and the names; its response says more.',
  },
  STORE_FILE_GONE: {
    retryable: true,
    meaning: 'the file was deleted after it was listed',
    remedy: 'Nothing to do: the files are listed again.',
  },
  STORE_FILE_CHANGED: {
    retryable: true,
    meaning: 'the file was changed during the download',
    remedy: 'Nothing to do: it is downloaded again once it no longer changes.',
  },
  STORE_CUT_SHORT: {
    retryable: true,
    meaning: 'the download ended too early',
    remedy: 'It is downloaded again automatically. If it persists, check the storage and the network.',
  },
  SPOOL_UNWRITABLE: {
    retryable: false,
    meaning: 'the download could not be written to the disk of this machine',
    remedy: 'Free disk space, and allow this user to write to the folder.',
  },
} as const satisfies Readonly<Record<string, StoreFailure>>;

export type StoreCode = keyof typeof failures;

export const storeFailures: Readonly<Record<StoreCode, StoreFailure>> = failures;

/** The message is for the user: the location, the problem and the remedy, without secrets. */
export class StoreError extends Error {
  override name = 'StoreError';
  readonly code: StoreCode;
  /** Whether an unchanged retry can succeed. */
  readonly retryable: boolean;

  /** `label` names the location. `detail` becomes part of the message: a system code or a name; it must not be a secret. */
  constructor(code: StoreCode, label: string, detail?: string, options?: ErrorOptions) {
    const { retryable, meaning, remedy } = storeFailures[code];
    super(`${label}: ${meaning}${detail === undefined ? '' : ` (${detail})`}. ${remedy}`, options);
    this.code = code;
    this.retryable = retryable;
  }
}

/** Returns the `code` of a system or library error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' || typeof error.code === 'number' ? String(error.code) : undefined;
}

/** Node's codes for a connection that fails or is lost. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Returns the error for the user if a connection failed or was lost; otherwise undefined. */
export function connectionError(label: string, error: unknown): StoreError | undefined {
  const code = codeOf(error);
  if (code === undefined || !CONNECTION_CODES.has(code)) return undefined;
  return new StoreError('STORE_UNREACHABLE', label, code, { cause: error });
}
