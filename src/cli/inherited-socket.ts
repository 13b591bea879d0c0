/**
 * A listening socket that systemd opened: it stays open while the process restarts, so connections of that time wait
 * instead of being refused.
 */

import { UserError } from '../kit/user-error.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html */
const FIRST_FD = 3;

/**
 * Returns the file descriptor of the socket that is meant for the process with this id; undefined without one. Throws a
 * {@link UserError} if there are several.
 */
export function inheritedSocket(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | undefined {
  const { LISTEN_PID: receiver, LISTEN_FDS: count } = env;
  if (receiver !== String(pid)) return undefined;
  if (count === '1') return FIRST_FD;
  throw new UserError(
    'INVALID_REQUEST',
    `systemd passed ${count} sockets, and passbridge listens on one. Keep one ListenStream= in passbridge-web.socket.`,
  );
}
