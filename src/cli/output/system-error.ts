/** Errors of the operating system in words, with the remedy. */

import { inspect } from 'node:util';

interface SystemError {
  code: string;
  syscall: string | undefined;
  /** A file or folder. */
  path: string;
  /** `host:port` of a socket. */
  address: string;
}

const LISTEN = 'Stop the process that uses it, or set PORT or METRICS_PORT to another port.';
const FILES = 'Raise it to at least 1024: ulimit -n 1024, or LimitNOFILE= in systemd.';
const OTHER_FOLDER = 'Make it writable, or set DATA_DIR to a folder that is.';

const explanations: Readonly<Record<string, (error: SystemError) => string>> = {
  EMFILE: () => `This process may not open more files: its limit (ulimit -n) is too low. ${FILES}`,
  ENFILE: () => 'This machine may not open more files. Close other programs, or raise fs.file-max.',
  ENOSPC: ({ path }) => `The disk of ${path} is full. Free space on it and start passbridge again.`,
  EDQUOT: ({ path }) =>
    `The quota of the disk of ${path} is used up. Free space on it and start passbridge again.`,
  EROFS: ({ path }) => `${path} is on a read-only file system. ${OTHER_FOLDER}`,
  ENOTDIR: ({ path }) => `${path} is not in a folder: a part of the path is a file. Correct the path.`,
  EACCES: ({ syscall, path, address }) =>
    syscall === 'listen'
      ? `This user may not listen on ${address}. Set PORT or METRICS_PORT to a port above 1023.`
      : `This user may not access ${path}. Change its permissions, or run passbridge as its owner.`,
  EPERM: ({ path }) =>
    `This user may not change ${path}. Change its permissions, or run passbridge as its owner.`,
  EADDRINUSE: ({ address }) => `${address} is in use by another process. ${LISTEN}`,
  EADDRNOTAVAIL: ({ address }) => `${address} is not an address of this machine. Correct HOST.`,
};

/** Returns the text and the exit code for an error that no command expects: of the operating system, or a bug. */
export function describeUnexpected(error: unknown): { text: string; code: 1 | 2 } {
  const text = explainSystemError(error);
  return text === undefined ? { text: inspect(error), code: 1 } : { text, code: 2 };
}

/** Returns what happened and what to do; undefined for an error of another kind. */
function explainSystemError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code, syscall, path, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const explain = Object.hasOwn(explanations, String(code)) ? explanations[String(code)] : undefined;
  return explain?.({
    code: String(code),
    syscall,
    path: path ?? 'a file',
    address: port === undefined ? (address ?? 'The address') : `${address ?? ''}:${port}`,
  });
}
