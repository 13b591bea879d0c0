/**
 * Reloads the programs file when it changes: once it has been unchanged for one poll interval, and only
 * if it is valid as a whole. Otherwise the previous version stays active.
 */

import { basename } from 'node:path';
import { ConfigError } from '../../config/config-error.ts';
import type { InvalidFile } from '../../domain/monitoring/heartbeat.ts';
import type { Clock } from '../../kit/clock.ts';
import { fileVersion } from '../../kit/files.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import { startPeriodic } from '../../kit/periodic.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { Sources } from '../../programs/file/sources.ts';

/** Everything that a process uses of the file. */
export interface LoadedFile extends ProgramsFile {
  sources: Sources;
}

/** The members change on reload: read them on each use instead of destructuring them. */
export interface LiveFile extends Part, Readonly<LoadedFile> {
  /** Returns the problem of the file on disk while the previous version is active. */
  invalid(): InvalidFile | undefined;
}

interface LiveFileOptions {
  path: string;
  /** Throws a {@link ConfigError}. */
  load: () => LoadedFile;
  clock: Clock;
  log: Logger;
  /** Milliseconds between checks of the file. */
  pollMs?: number;
}

/** Loads the file and watches it for changes. Throws a {@link ConfigError} if it is invalid now. */
export function openLiveFile({ path, load, clock, log, pollMs = 1000 }: LiveFileOptions): LiveFile {
  // Must be read before the load, so that a change during it is loaded later.
  let loadedVersion = fileVersion(path);
  let lastVersion = loadedVersion;
  let current = load();
  let invalid: InvalidFile | undefined;

  const reload = () => {
    try {
      const next = load();
      log.info(
        { event: 'programs.reloaded', changed: changedNames(current, next) },
        `${basename(path)} reloaded`,
      );
      current = next;
      invalid = undefined;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      invalid = { at: clock(), problem: error.problems[0] ?? '' };
      log.error(
        { event: 'programs.invalid', problems: error.problems },
        `${basename(path)} was changed and is invalid; the previous version stays active`,
      );
    }
  };

  const poll = async () => {
    const version = fileVersion(path);
    const isBeingWritten = version !== lastVersion;
    lastVersion = version;
    if (isBeingWritten || version === loadedVersion) return;
    loadedVersion = version;
    reload();
  };
  const polling = startPeriodic({
    name: 'programs file',
    everyMs: pollMs,
    firstAfterMs: pollMs,
    work: poll,
    log,
  });

  return {
    name: polling.name,
    get programs() {
      return current.programs;
    },
    get schedules() {
      return current.schedules;
    },
    get sources() {
      return current.sources;
    },
    invalid: () => invalid,
    stop: polling.stop,
  };
}

/** Returns the names of programs that were added, removed or changed. */
function changedNames(before: ProgramsFile, after: ProgramsFile): string[] {
  const names = new Set([...before.programs.keys(), ...after.programs.keys()]);
  return [...names].filter(
    (name) => before.programs.get(name)?.version !== after.programs.get(name)?.version,
  );
}
