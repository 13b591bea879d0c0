/**
 * Where a private Redis lives: everything below DATA_DIR/redis. The same folder, by whatever path,
 * user or temp dir it is reached, is the same place: that is what keeps it to one server a folder.
 */

import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateRedisError } from './private-redis-error.ts';

/** Below the 104 bytes (macOS) or 108 bytes (Linux) of `sun_path`, and with room to spare. */
const SOCKET_PATH_LIMIT_BYTES = 100;

export interface Place {
  /** Resolved DATA_DIR/redis; the server's working folder. */
  readonly folder: string;
  /** Where this process reaches the server. */
  readonly socketPath: string;
  readonly logFile: string;
  readonly pidFile: string;
  readonly lockFile: string;
  /** Stands in the server's command line, and in that of no other server. */
  readonly mark: string;
  /** Takes away what was made for this process alone; the server's files stay. */
  leave(): Promise<void>;
}

/** The server's own name for its socket: relative to its folder, so that no folder is too deep. */
export const SOCKET_NAME = 'redis.sock';

/** Makes the folder where it is missing, for its owner alone: it will hold customers' data. */
export async function openPlace(dataDir: string): Promise<Place> {
  const wanted = join(dataDir, 'redis');
  const folder = await makeFolder(wanted);
  const { socketPath, leave } = await findShortPath(folder);
  return {
    folder,
    socketPath,
    logFile: join(folder, 'redis.log'),
    pidFile: join(folder, 'redis.pid'),
    lockFile: join(folder, 'start.lock'),
    // Encoded, because braces would mean something in the title template of a redis-server.
    mark: `passbridge[${encodeURI(folder)}]`,
    leave,
  };
}

async function makeFolder(wanted: string): Promise<string> {
  try {
    await mkdir(wanted, { recursive: true, mode: 0o700 });
    return await realpath(wanted);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PrivateRedisError(`DATA_DIR cannot hold the private Redis: ${why}.`, { cause: error });
  }
}

/** The socket by its own path or, in a folder too deep for that, through a link in the temp dir. */
async function findShortPath(folder: string): Promise<Pick<Place, 'socketPath' | 'leave'>> {
  const direct = join(folder, SOCKET_NAME);
  if (Buffer.byteLength(direct) <= SOCKET_PATH_LIMIT_BYTES) {
    return { socketPath: direct, leave: () => Promise.resolve() };
  }
  // A fresh folder of mode 0700 for each process: nobody else can have put a link there.
  const shortcut = await mkdtemp(join(tmpdir(), 'passbridge-'));
  const leave = () => rm(shortcut, { recursive: true, force: true });
  const socketPath = join(shortcut, 'r', SOCKET_NAME);
  if (Buffer.byteLength(socketPath) > SOCKET_PATH_LIMIT_BYTES) {
    await leave();
    throw new PrivateRedisError(
      `The path of DATA_DIR (${folder}) is too long for a socket, and so is the temp dir ${tmpdir()}: choose a shorter DATA_DIR.`,
    );
  }
  await symlink(folder, join(shortcut, 'r'));
  return { socketPath, leave };
}
