/**
 * The programs file as it is now. A change counts as soon as the file has been left alone for a look,
 * and only if it is valid as a whole: otherwise what it said before goes on counting.
 */

import { basename } from 'node:path';
import { ConfigError } from '../../config/config-error.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { Sources } from '../../programs/file/sources.ts';
import type { RefusedFile } from '../../domain/monitoring/heartbeat.ts';
import type { Clock } from '../../kit/clock.ts';
import { fileVersion } from '../../kit/file-version.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';

/** All that a process takes from the file. */
export interface LoadedFile extends ProgramsFile {
  sources: Sources;
}

/** Its members change with the file: they are to be looked at each time, not taken apart. */
export interface LiveFile extends Part, Readonly<LoadedFile> {
  /** What is wrong with the file as it is now, while it does not count. */
  refused(): RefusedFile | undefined;
}

interface LiveFileOptions {
  path: string;
  /** Throws a {@link ConfigError}. */
  load: () => LoadedFile;
  clock: Clock;
  log: Logger;
  /** Milliseconds. */
  lookEveryMs?: number;
}

/** Loads the file and looks after it. Throws a {@link ConfigError} where it cannot be used now. */
export function openLiveFile({ path, load, clock, log, lookEveryMs = 1000 }: LiveFileOptions): LiveFile {
  // Before it is read: what is changed in between is read again.
  let read = fileVersion(path);
  let seen = read;
  let current = load();
  let refused: RefusedFile | undefined;

  const reload = () => {
    try {
      const next = load();
      log.info(
        { event: 'programs.read', changed: changedNames(current, next) },
        `${basename(path)} was changed, and counts from now on`,
      );
      current = next;
      refused = undefined;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      refused = { at: clock(), problem: error.problems[0] ?? '' };
      log.error(
        { event: 'programs.refused', problems: error.problems },
        `${basename(path)} was changed and is not valid: what it said before goes on counting`,
      );
    }
  };

  const look = () => {
    const version = fileVersion(path);
    const isBeingWritten = version !== seen;
    seen = version;
    if (isBeingWritten || version === read) return;
    read = version;
    try {
      reload();
    } catch (error) {
      log.error({ event: 'programs.unreadable', err: error });
    }
  };
  const timer = setInterval(look, lookEveryMs);
  timer.unref();

  return {
    name: 'programs file',
    get programs() {
      return current.programs;
    },
    get schedules() {
      return current.schedules;
    },
    get sources() {
      return current.sources;
    },
    refused: () => refused,
    stop: async () => clearInterval(timer),
  };
}

/** Of programs that are new, gone, or say something else. */
function changedNames(before: ProgramsFile, after: ProgramsFile): string[] {
  const names = new Set([...before.programs.keys(), ...after.programs.keys()]);
  return [...names].filter(
    (name) => before.programs.get(name)?.version !== after.programs.get(name)?.version,
  );
}
