/** Every way a place where exports arrive can fail, once. `docs/sources.md` lists the same codes and a test holds the two equal. */

interface StoreFailure {
  /** Whether trying again later, unchanged, can help. */
  repeat: boolean;
  /** What it means, in words for someone who did not build this. */
  meaning: string;
  /** What to do. */
  remedy: string;
}

const failures = {
  STORE_KEY_REFUSED: {
    repeat: false,
    meaning: 'the login was refused',
    remedy:
      'Check the user name or access key id, its key, password or secret, and the clock of this machine.',
  },
  STORE_HOST_KEY_CHANGED: {
    repeat: false,
    meaning: 'the server showed another host key than the pinned one',
    remedy:
      'Ask the owner of the server whether its key was changed. Pin the new one (hostKey) only if it was; otherwise someone may be posing as the server.',
  },
  STORE_FORBIDDEN: {
    repeat: false,
    meaning: 'the login is right, but it may not do this',
    remedy: 'Allow this user or key to list and read the place, and to write where results are put there.',
  },
  STORE_NOT_FOUND: {
    repeat: false,
    meaning: 'there is no such folder or bucket',
    remedy: 'Check its name and, for S3, the region and the endpoint.',
  },
  STORE_UNREACHABLE: {
    repeat: true,
    meaning: 'it could not be reached, or the connection broke',
    remedy: 'Nothing at first. Check the host, the port and the network if it lasts.',
  },
  STORE_STALLED: {
    repeat: true,
    meaning: 'it stopped answering',
    remedy: 'Nothing at first. Look at the storage and the network if it lasts.',
  },
  STORE_BUSY: {
    repeat: true,
    meaning: 'it answered with an error of its own',
    remedy: 'Nothing at first. Ask the owner of the storage if it lasts.',
  },
  STORE_REFUSED: {
    repeat: false,
    meaning: 'it refused the request',
    remedy: 'Read its answer; check the region, the endpoint and the names.',
  },
  STORE_FILE_GONE: {
    repeat: true,
    meaning: 'the file was listed, but is gone',
    remedy: 'Nothing: the next listing tells what is there now.',
  },
  STORE_FILE_CHANGED: {
    repeat: true,
    meaning: 'the file was changed while it was downloaded',
    remedy: 'Nothing: it is downloaded anew once it no longer changes.',
  },
  STORE_CUT_SHORT: {
    repeat: true,
    meaning: 'the download ended too early',
    remedy: 'Nothing at first: it is begun again. Look at the storage and the network if it lasts.',
  },
  SPOOL_UNWRITABLE: {
    repeat: false,
    meaning: 'the download could not be written to the disk of this machine',
    remedy: 'Make room on the disk, and let this user write to the folder.',
  },
} as const satisfies Readonly<Record<string, StoreFailure>>;

export type StoreCode = keyof typeof failures;

export const storeFailures: Readonly<Record<StoreCode, StoreFailure>> = failures;

/** Its message is for the user: it names the place, what went wrong and the remedy, and holds no secret. */
export class StoreError extends Error {
  override name = 'StoreError';
  readonly code: StoreCode;
  /** Whether trying again later, unchanged, can help. */
  readonly repeat: boolean;

  /** The detail goes into the message: a system's code or a name, never a secret. */
  constructor(code: StoreCode, place: string, detail?: string, options?: ErrorOptions) {
    const { repeat, meaning, remedy } = storeFailures[code];
    super(`${place}: ${meaning}${detail === undefined ? '' : ` (${detail})`}. ${remedy}`, options);
    this.code = code;
    this.repeat = repeat;
  }
}

/** The `code` of a system's or library's error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' || typeof error.code === 'number' ? String(error.code) : undefined;
}

/** What Node calls a connection that cannot be made or breaks. */
const BROKEN = new Set([
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

/** The error of a connection in the user's words, or nothing where it is something else. */
export function brokenConnection(place: string, error: unknown): StoreError | undefined {
  const code = codeOf(error);
  if (code === undefined || !BROKEN.has(code)) return undefined;
  return new StoreError('STORE_UNREACHABLE', place, code, { cause: error });
}
