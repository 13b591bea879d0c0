/** The process as a command uses it: output, the log file, and signals. */

import { join } from 'node:path';
import { pino } from 'pino';
import type { Config } from '../../config/config.ts';
import { type Logger, makeLogger } from '../../kit/logger.ts';
import type { Host } from '../../services/stores.ts';

/** Prints a line to stdout. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Keeps the process running if the receiving end of stdout or stderr closes, as with `| head`: calls in
 * flight must be finished and recorded. Further output is dropped.
 */
export function ignoreBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (!isBrokenPipe(error)) throw error;
    });
  }
}

/** Returns whether an error means that the receiving end of a pipe has closed. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** Variables that starting or downloading a private Redis needs. It outlives us, so it must not inherit secrets. */
const hostVariables = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TMPDIR', 'http_proxy', 'https_proxy', 'no_proxy'];

/** Notices go to stderr, so that the output of `--json` stays clean. */
export const host: Host = {
  get env() {
    return Object.fromEntries(hostVariables.map((name) => [name, process.env[name]]));
  },
  say: (line) => process.stderr.write(`${line}\n`),
};

/** Opens the log of a foreground command, `DATA_DIR/passbridge.log`; the terminal shows its progress. */
export function makeFileLogger({ log, files }: Config): Logger {
  const dest = join(files.dataDir, 'passbridge.log');
  return makeLogger(log.level, pino.destination({ dest, mkdir: true, sync: true }));
}

/** Returns a signal that aborts at the first SIGINT or SIGTERM; a second one ends the process immediately. */
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
 * Signals readiness to a process manager that waits for it: PM2's `wait_ready`
 * (https://pm2.keymetrics.io/docs/usage/signals-clean-restart/). Without one it does nothing.
 */
export function signalReady(): void {
  process.send?.('ready');
}
