/** Errors of the operating system in words, with the remedy. */

/** What went wrong, as a clause without its period, and what to do, as sentences. */
export interface SystemErrorWords {
  problem: string;
  remedy: string;
}

interface SystemError {
  syscall: string | undefined;
  /** A file or folder. */
  path: string;
  /** `host:port` of a socket. */
  address: string;
}

const FREE_SPACE = 'Free space on it and start passbridge again.';
const OTHER_FOLDER =
  'Choose a folder that can be written to; DATA_DIR and STORE_MARK_DIR set the folders of passbridge.';
const PERMISSIONS = 'Change its permissions, or run passbridge as its owner.';
const OPEN_FILES = 'Raise it to at least 1024: ulimit -n 1024, or LimitNOFILE= in systemd.';
const PORTS = 'Stop the process that uses it, or set PORT or METRICS_PORT to another port.';

const explanations: Readonly<Record<string, (error: SystemError) => SystemErrorWords>> = {
  EMFILE: () => ({
    problem: 'this process may not open more files: its limit (ulimit -n) is too low',
    remedy: OPEN_FILES,
  }),
  ENFILE: () => ({
    problem: 'this machine may not open more files',
    remedy: 'Close other programs, or raise fs.file-max.',
  }),
  ENOENT: ({ path }) => ({ problem: `${path} does not exist`, remedy: 'Create it, or correct the path.' }),
  EISDIR: ({ path }) => ({ problem: `${path} is a folder, not a file`, remedy: 'Name a file.' }),
  ENOTDIR: ({ path }) => ({
    problem: `${path} is not in a folder: a part of the path is a file`,
    remedy: 'Correct the path.',
  }),
  ENAMETOOLONG: ({ path }) => ({ problem: `the path ${path} is too long`, remedy: 'Choose a shorter one.' }),
  ENOSPC: ({ path }) => ({ problem: `the disk of ${path} is full`, remedy: FREE_SPACE }),
  EDQUOT: ({ path }) => ({ problem: `the quota of the disk of ${path} is used up`, remedy: FREE_SPACE }),
  EFBIG: ({ path }) => ({
    problem: `${path} is larger than this user or its disk allows`,
    remedy: 'Raise the limit (ulimit -f), or choose another disk.',
  }),
  EIO: ({ path }) => ({
    problem: `the disk of ${path} fails`,
    remedy: 'See the log of the operating system, and replace the disk or mount it again.',
  }),
  EROFS: ({ path }) => ({ problem: `${path} is on a read-only file system`, remedy: OTHER_FOLDER }),
  EACCES: ({ syscall, path, address }) =>
    syscall === 'listen'
      ? {
          problem: `this user may not listen on ${address}`,
          remedy: 'Set PORT or METRICS_PORT to a port above 1023.',
        }
      : { problem: `this user may not access ${path}`, remedy: PERMISSIONS },
  EPERM: ({ path }) => ({ problem: `this user may not change ${path}`, remedy: PERMISSIONS }),
  EADDRINUSE: ({ address }) => ({ problem: `${address} is in use by another process`, remedy: PORTS }),
  EADDRNOTAVAIL: ({ address }) => ({
    problem: `${address} is not an address of this machine`,
    remedy: 'Correct HOST.',
  }),
};

/**
 * Returns the words for an error of the operating system; undefined for an error of another kind. `file`: what was read or
 * written, because some errors do not say it.
 */
export function describeSystemError(error: unknown, file = 'a file'): SystemErrorWords | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code, syscall, path, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number | string;
  };
  const explain = Object.hasOwn(explanations, String(code)) ? explanations[String(code)] : undefined;
  return explain?.({
    syscall,
    path: path ?? file,
    address: port === undefined ? (address ?? 'the address') : `${address ?? ''}:${port}`,
  });
}

/** Returns what happened and what to do as one text; undefined for an error of another kind. */
export function explainSystemError(error: unknown): string | undefined {
  const words = describeSystemError(error);
  return words && `${words.problem.charAt(0).toUpperCase()}${words.problem.slice(1)}. ${words.remedy}`;
}

/** Returns the problem as a clause for a message with a remedy of its own; of any other error, its message. */
export function problemOf(error: unknown, file?: string): string {
  return (
    describeSystemError(error, file)?.problem ?? (error instanceof Error ? error.message : String(error))
  );
}
