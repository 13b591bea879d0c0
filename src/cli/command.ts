/** Shared by all commands: exit codes, the environment, and opening and closing the stores. */

import type { Command } from 'commander';
import type { PassbridgeProcess } from '../app/process.ts';
import type { Config, ConfigWith, Need } from '../config/config.ts';
import type { Logger } from '../kit/logger.ts';
import type { CsvFlavor } from '../kit/text/csv-lines.ts';
import { withDeadline } from '../kit/deadline.ts';
import { localUser } from '../kit/local-user.ts';
import { isUserError, UserError } from '../kit/user-error.ts';
import type { ProgramsFile } from '../programs/file/programs.ts';
import type { ActionContext } from '../services/campaigns/control.ts';
import type { Stores } from '../services/stores.ts';
import { commandIo } from './command-io.ts';
import { host, makeFileLogger } from './output/terminal.ts';

/**
 * 0: every row is done or skipped. 1: some rows are not, the audit is broken, or `doctor` found an error.
 * 2: wrong usage, configuration or input; nothing was sent. 130: interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 130;

/**
 * Adds one command with its flags and its action; `ended` receives the exit code. Actions import
 * their work when they run, because loading everything takes half a second.
 */
export type DeclareCommand = (program: Command, ended: (code: ExitCode) => void) => void;

/** Flag and help of the commands that may start on a Redis with data of an older version. */
export const wipeOldDataFlag = [
  '--wipe-old-data',
  'delete the data that an older passbridge left under QUEUE_PREFIX; otherwise the command refuses to start',
] as const;

/** Flag and help of the commands that may repair the private Redis. */
export const repairStoreFlag = [
  '--repair-store',
  'if a power cut damaged the end of the private Redis’ file: keep a copy, remove the damaged end and hold campaigns',
] as const;

/** Flag and help of the commands that print CSV. */
export const spreadsheetFlag = [
  '--spreadsheet',
  'print CSV to open in a spreadsheet: an apostrophe marks cells that it could take for a formula, and is undone when passbridge reads the file',
] as const;

/** Returns how to print CSV: exactly unless it is meant for a spreadsheet. */
export function flavorOf(spreadsheet: true | undefined): CsvFlavor {
  return spreadsheet === true ? 'spreadsheet' : 'exact';
}

/** A precondition of a command: credentials of an upstream, or a valid programs file. */
export type CommandNeed = Need | 'programs';

export interface CommandContext<N extends CommandNeed> {
  config: ConfigWith<Extract<N, Need>>;
  /** Present if the command needs it. */
  file: 'programs' extends N ? ProgramsFile : undefined;
  passbridge: PassbridgeProcess;
  stores: Stores;
  log: Logger;
}

/**
 * Loads the configuration, opens the stores, runs the work, and closes everything, also after an error.
 * Throws a `ConfigError` before it opens anything if a need is not met.
 */
export async function withPassbridge<const N extends CommandNeed, T extends ExitCode | void>(
  needs: readonly N[],
  work: (context: CommandContext<N>) => Promise<T>,
): Promise<T> {
  const { loadConfig } = await import('../config/load.ts');
  const need = needs.filter((name): name is Extract<N, Need> => name !== 'programs');
  const config = loadConfig({ ...environment(), need });
  // The compiler cannot derive the type from the condition.
  const file = (
    needs.some((name) => name === 'programs') ? await loadFile(config) : undefined
  ) as CommandContext<N>['file'];
  return withProcess(config, (passbridge, log) =>
    work({ config, file, passbridge, stores: passbridge.stores, log }),
  );
}

/** A command in the foreground ends if Redis cannot be reached; a restart of it takes less. */
const REDIS_TIMEOUT_MS = 15_000;

/** Aborted once the command of a process follows a campaign, which outlasts outages of Redis. */
const patience = new WeakMap<PassbridgeProcess, AbortController>();

/** Lets a command wait for Redis from now on, however long it takes. */
export function outlastRedis(passbridge: PassbridgeProcess): void {
  patience.get(passbridge)?.abort();
}

/** What a command that abandons Redis leaves to it: nothing, as a rule. */
const CLOSE_WITHOUT_REDIS_MS = 2000;

const redisIsAway = () =>
  new UserError(
    'REDIS_AWAY',
    `Redis has not answered for ${REDIS_TIMEOUT_MS / 1000} s, so the command ends. What it has sent may still be carried out: run passbridge status once Redis answers. If it stays away, see passbridge doctor.`,
  );

/** As {@link withPassbridge}, with a configuration that is loaded already. */
export async function withProcess<T>(
  config: Config,
  work: (passbridge: PassbridgeProcess, log: Logger) => Promise<T>,
  { wipeOldData = false, repairStore = false } = {},
): Promise<T> {
  const { openProcess } = await import('../app/process.ts');
  const { whileRedisAnswers } = await import('../kit/redis/while-redis-answers.ts');
  const log = await makeFileLogger(config);
  const passbridge = await openProcess(
    config,
    { ...host, wipeOldData, repairStore, redisTimeoutMs: REDIS_TIMEOUT_MS },
    log,
  );
  const patient = new AbortController();
  patience.set(passbridge, patient);
  const { redis } = passbridge.stores;
  const limits = { limitMs: REDIS_TIMEOUT_MS, patient: patient.signal, late: redisIsAway };
  try {
    const result = await whileRedisAnswers(redis, limits, () => work(passbridge, log));
    await passbridge.close();
    return result;
  } catch (error) {
    const isAway = isUserError(error, 'REDIS_AWAY');
    const closing = passbridge.close();
    await (isAway
      ? withDeadline(CLOSE_WITHOUT_REDIS_MS, () => closing, redisIsAway).catch(() => {})
      : closing);
    throw error;
  }
}

/** Returns the sources of settings: the environment, and the folder of `.env`. */
export function environment() {
  return { env: commandIo().env, cwd: process.cwd() };
}

/** Returns the attribution of a change made on the command line, for the audit. */
export function localAction(reason = ''): ActionContext {
  return { by: localUser(), via: 'command line', reason };
}

async function loadFile({ files, campaigns }: Config): Promise<ProgramsFile> {
  const { loadProgramsFile } = await import('../programs/file/programs.ts');
  return loadProgramsFile(files.programs, campaigns.timeZone);
}
