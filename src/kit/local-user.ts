/** Names the user that runs this process. */

import { userInfo } from 'node:os';

/** Returns the login name, or `uid <number>` for a user without one, as in many containers. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
