/**
 * The location of a private Redis: everything is in DATA_DIR/redis. A folder is one location no matter by
 * which path, user or temp dir it is reached, which ensures a single server per folder.
 */

import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePrivateFolder } from '../files.ts';
import { problemOf } from '../runtime/system-error.ts';

/** A problem that the operator can fix, e.g. a missing binary. The message is shown without a stack trace. */
export class PrivateRedisError extends Error {
  override readonly name = 'PrivateRedisError';
}

/** Below the limit of `sun_path`, which is 104 bytes on macOS and 108 on Linux. */
const MAX_SOCKET_PATH_BYTES = 100;

export interface RedisLocation {
  /** The resolved DATA_DIR/redis; the server's working directory. */
  readonly folder: string;
  /** The path by which this process connects to the server. */
  readonly socketPath: string;
  readonly logFile: string;
  readonly pidFile: string;
  readonly lockFile: string;
  /** Part of the command line of this location's server, and of no other. */
  readonly processTitle: string;
  /** Removes files made for this process only; the server's files stay. */
  close(): Promise<void>;
}

/** The socket as the server names it: relative to its folder, so that the depth of the folder does not matter. */
export const SOCKET_NAME = 'redis.sock';

/** Creates the folder if it is missing, accessible to its owner only, because it holds customer data. */
export async function openLocation(dataDir: string): Promise<RedisLocation> {
  const folder = await makeFolder(join(dataDir, 'redis'));
  const { socketPath, close } = await findShortPath(folder);
  return {
    folder,
    socketPath,
    logFile: join(folder, 'redis.log'),
    pidFile: join(folder, 'redis.pid'),
    lockFile: join(folder, 'start.lock'),
    // Encoded, because braces have a meaning in redis-server's title template.
    processTitle: `passbridge[${encodeURI(folder)}]`,
    close,
  };
}

async function makeFolder(path: string): Promise<string> {
  try {
    await makePrivateFolder(path);
    return await realpath(path);
  } catch (error) {
    throw new PrivateRedisError(
      `DATA_DIR cannot hold the private Redis: ${problemOf(error)}. Choose a folder that can be written to.`,
      { cause: error },
    );
  }
}

/** Returns the socket's own path or, if that is too long, a path through a symlink in the temp dir. */
async function findShortPath(folder: string): Promise<Pick<RedisLocation, 'socketPath' | 'close'>> {
  const direct = join(folder, SOCKET_NAME);
  if (Buffer.byteLength(direct) <= MAX_SOCKET_PATH_BYTES) {
    return { socketPath: direct, close: () => Promise.resolve() };
  }
  // A new folder with mode 0700 per process: no other user can have placed a link there.
  const linkFolder = await mkdtemp(join(tmpdir(), 'passbridge-'));
  const close = () => rm(linkFolder, { recursive: true, force: true });
  const socketPath = join(linkFolder, 'r', SOCKET_NAME);
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH_BYTES) {
    await close();
    throw new PrivateRedisError(
      `The path of DATA_DIR (${folder}) is too long for a unix socket, and so is the temp dir ${tmpdir()}. Choose a shorter DATA_DIR.`,
    );
  }
  await symlink(folder, join(linkFolder, 'r'));
  return { socketPath, close };
}
