/**
 * The terminal as a command uses it: output, the log file, and signals. All output passes through here, because texts of
 * upstreams and customers must not give orders to a terminal; see `visible`.
 */

import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../kit/logger.ts';
import { problemOf } from '../../kit/runtime/system-error.ts';
import { visible } from '../../kit/text/visible.ts';
import type { Host } from '../../services/stores.ts';
import { type CommandIo, commandIo } from '../command-io.ts';

/** Prints a line, or several, to stdout. */
export function say(line: string): void {
  commandIo().stdout.write(`${visible(line)}\n`);
}

/** Prints lines to stderr, every time. */
export function complain(lines: string): void {
  commandIo().stderr.write(`${visible(lines)}\n`);
}

/** Prints the beginning of a line to stdout. */
export function prompt(text: string): void {
  commandIo().stdout.write(visible(text));
}

/** Prints data, with its line ends, to stdout: unchanged into a file or pipe, visible at a terminal. */
export function print(data: string): void {
  const { stdout } = commandIo();
  stdout.write(stdout.isTTY === true ? visible(data) : data);
}

/** As {@link print}, no faster than the receiving end reads. Rejects if it closes; see {@link isBrokenPipe}. */
export async function printAll(lines: AsyncIterable<string>): Promise<void> {
  const { stdout } = commandIo();
  const shown = async function* () {
    for await (const line of lines) yield stdout.isTTY === true ? visible(line) : line;
  };
  await pipeline(Readable.from(shown()), stdout, { end: false });
}

/**
 * Keeps the process running if the receiving end of stdout or stderr closes, as with `| head` or when a terminal is
 * closed: calls in flight must be finished and recorded. Further output is dropped.
 */
export function ignoreBrokenPipes(): void {
  const { stdout, stderr } = commandIo();
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error) => {
      if (!isBrokenPipe(error)) throw error;
    });
  }
}

/** Returns whether an error means that the receiving end of a pipe, or the terminal, has closed. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'EIO');
}

/** Variables that starting or downloading a private Redis needs. It outlives us, so it must not inherit secrets. */
const hostVariables = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TMPDIR', 'http_proxy', 'https_proxy', 'no_proxy'];

let lastNotice: { io: CommandIo; line: string } | undefined;

/** Notices go to stderr, so that the output of `--json` stays clean. A repeated one of a command is printed once. */
export const host: Host = {
  get env() {
    const { env } = commandIo();
    return Object.fromEntries(hostVariables.map((name) => [name, env[name]]));
  },
  say(line) {
    const io = commandIo();
    if (lastNotice?.io !== io || lastNotice.line !== line) complain(line);
    lastNotice = { io, line };
  },
};

/**
 * Opens the log of a foreground command, `DATA_DIR/passbridge.log`; the terminal shows its progress. A command without
 * anything to log writes nothing, and one that cannot write the file runs without it.
 */
export async function makeFileLogger({ log, files }: Config): Promise<Logger> {
  const { makeLogger } = await import('../../kit/logger.ts');
  const { openLogFile } = await import('../../kit/logs/log-file.ts');
  const path = join(files.dataDir, 'passbridge.log');
  const problem = (error: Error) =>
    host.say(`The log ${path} cannot be written: ${problemOf(error)}. The command continues without it.`);
  return makeLogger(log.level, openLogFile(path, problem));
}

/** npm and npx send Ctrl-C on to a process that has received it from the terminal already. */
const SAME_INTERRUPT_MS = 500;

/**
 * Returns a signal that aborts at the first SIGTERM, SIGHUP (the terminal was closed) or SIGINT (Ctrl-C). Only a
 * second Ctrl-C ends the process immediately: everything else that signals twice does not know what that costs.
 */
export function interruption(): AbortSignal {
  return commandIo().interruption ?? signalsOfProcess();
}

function signalsOfProcess(): AbortSignal {
  const controller = new AbortController();
  let interruptedAt: number | undefined;
  const stop = () => controller.abort();
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  process.on('SIGINT', () => {
    if (interruptedAt === undefined) {
      interruptedAt = performance.now();
      host.say(FINISHING);
      return stop();
    }
    if (performance.now() - interruptedAt < SAME_INTERRUPT_MS) return;
    host.say(ABANDONED);
    process.exit(130);
  });
  return controller.signal;
}

/**
 * Returns a signal that aborts at the first SIGTSTP, Sidekiq's quiet signal. PM2, systemd and Docker can send it, and if
 * it arrives before this call, a process without a terminal ignores it instead of ending.
 */
export function quietSignal(): AbortSignal {
  const controller = new AbortController();
  process.on('SIGTSTP', () => controller.abort());
  return controller.signal;
}

const FINISHING =
  'Finishing the calls in flight. Press Ctrl-C again to stop at once: the creates in flight then end unknown.';
const ABANDONED =
  'Stopped at once. Creates that were in flight end unknown and are held: passbridge failures lists them.';

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
