/** The process as a command sees it: lines for a person, a log beside them, and the wish to stop. */

import { join } from 'node:path';
import { pino } from 'pino';
import type { Host } from '../../services/stores.ts';
import type { Config } from '../../config/config.ts';
import { type Logger, makeLogger } from '../../kit/logger.ts';

/** Prints a line for a person. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Whoever reads what is printed may leave before its end, as `head` does. The calls in flight are no
 * matter of theirs: the command goes on, and what it prints goes nowhere.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (!isReaderGone(error)) throw error;
    });
  }
}

export function isReaderGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** All that a private Redis and the fetching of one need: it outlives us, so no secret goes along. */
const lentNames = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TMPDIR', 'http_proxy', 'https_proxy', 'no_proxy'];

/** What the process lends the program; notices go beside the output, so that `--json` stays clean. */
export const host: Host = {
  get env() {
    return Object.fromEntries(lentNames.map((name) => [name, process.env[name]]));
  },
  say: (line) => process.stderr.write(`${line}\n`),
};

/** A log that leaves the terminal to the progress bar: `DATA_DIR/passbridge.log`. */
export function makeFileLogger({ log, files }: Config): Logger {
  const dest = join(files.dataDir, 'passbridge.log');
  return makeLogger(log.level, pino.destination({ dest, mkdir: true, sync: true }));
}

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}

/** Resolves when the signal aborts. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}

/**
 * Tells a process manager that waits for it that the program works now: PM2's `wait_ready`
 * (https://pm2.keymetrics.io/docs/usage/signals-clean-restart/). Without one it does nothing.
 */
export function tellReady(): void {
  process.send?.('ready');
}
