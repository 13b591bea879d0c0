/** What a command reads from and writes to: the process, or the streams of a test that runs a command without starting one. */

import type { Readable, Writable } from 'node:stream';
import type { Variables } from '../config/read-environment.ts';

export interface CommandIo {
  stdin: Readable & { isTTY?: boolean };
  /** A terminal if `isTTY`. */
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable;
  env: Variables;
  /** Asks the command to finish; undefined: the signals of the process do. */
  interruption?: AbortSignal;
}

let current: CommandIo = process;

/** Returns what the running command reads from and writes to. */
export function commandIo(): CommandIo {
  return current;
}

/** Runs a command with other streams. A process runs one command at a time, so it throws if one is running like this. */
export async function withCommandIo<T>(io: CommandIo, run: () => Promise<T>): Promise<T> {
  if (current !== process) throw new Error('another command is running in this process');
  current = io;
  try {
    return await run();
  } finally {
    current = process;
  }
}
