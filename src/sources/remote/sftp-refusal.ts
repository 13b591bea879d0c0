/** What errors of SSH and SFTP mean to the user. */

import { brokenConnection, codeOf, type StoreCode, StoreError } from './store-error.ts';

/** SFTP's status codes (draft-ietf-secsh-filexfer-02, 7). */
const statusCodes: Readonly<Record<string, StoreCode>> = {
  2: 'STORE_NOT_FOUND',
  3: 'STORE_FORBIDDEN',
  4: 'STORE_REFUSED',
  6: 'STORE_UNREACHABLE',
  7: 'STORE_UNREACHABLE',
  8: 'STORE_REFUSED',
};

/** The steps of a connection, as ssh2 names them. */
const levels: Readonly<Record<string, StoreCode>> = {
  'client-authentication': 'STORE_KEY_REFUSED',
  'client-timeout': 'STORE_STALLED',
  'client-socket': 'STORE_UNREACHABLE',
  'client-dns': 'STORE_UNREACHABLE',
  handshake: 'STORE_UNREACHABLE',
  protocol: 'STORE_UNREACHABLE',
};

/** The error in the user's words, or nothing where it is a bug of ours. */
export function sftpRefusal(place: string, error: unknown): StoreError | undefined {
  if (error instanceof StoreError) return error;
  if (!(error instanceof Error)) return undefined;
  const level = 'level' in error ? levels[String(error.level)] : undefined;
  const code = level ?? statusCodes[codeOf(error) ?? ''];
  if (code !== undefined) return new StoreError(code, place, error.message, { cause: error });
  // How ssh2 tells that a connection went away in the middle of something.
  if (/no response from server|not connected|channel (open )?failure|connection lost/i.test(error.message)) {
    return new StoreError('STORE_UNREACHABLE', place, error.message, { cause: error });
  }
  return brokenConnection(place, error);
}
