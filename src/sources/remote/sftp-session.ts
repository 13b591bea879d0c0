/** One login at an SFTP server whose host key is pinned. */

import { createHash } from 'node:crypto';
import { Client, type ConnectConfig, type ServerHostKeyAlgorithm, type SFTPWrapper } from 'ssh2';
import type { SftpLocation } from '../../domain/campaigns/source-definition.ts';
import { withDeadline } from '../../kit/deadline.ts';
import { codeOf, connectionError, type StoreCode, StoreError } from './store-error.ts';

export interface SftpSession {
  sftp: SFTPWrapper;
  /** Rejects once the connection is lost: some calls of ssh2 do not notice. */
  broken: Promise<never>;
  /** Closes the connection immediately. */
  end(): void;
}

interface SessionOptions {
  /** Names the server in messages. */
  label: string;
  timeoutMs: number;
}

/** The types of host keys, in the order in which they are requested. */
const keyTypes: readonly (readonly ServerHostKeyAlgorithm[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
];

/**
 * Logs in. A server has keys of several types and presents one of the requested type, so all types are
 * requested before the server is refused for not having the pinned key. Throws {@link StoreError}.
 */
export async function openSftpSession(location: SftpLocation, options: SessionOptions): Promise<SftpSession> {
  const otherKeys = new Set<string>();
  for (const types of [keyTypes.flat(), ...keyTypes]) {
    let isPinned = false;
    const hostVerifier = (key: Buffer): boolean => {
      const fingerprint = keyFingerprint(key);
      isPinned = fingerprint === location.hostKey;
      if (!isPinned) otherKeys.add(`${fingerprint} (${keyType(key)})`);
      return isPinned;
    };
    try {
      const request = { hostVerifier, algorithms: { serverHostKey: [...types] } };
      return await connect({ ...loginOf(location), ...request }, options);
    } catch (error) {
      // With another key than the pinned one, the next type is requested whatever the error was.
      if (isPinned || otherKeys.size === 0) throw error;
    }
  }
  const detail = `it presented ${[...otherKeys].join(', ')}; pinned is ${location.hostKey}`;
  throw new StoreError('STORE_HOST_KEY_CHANGED', options.label, detail);
}

async function connect(config: ConnectConfig, { label, timeoutMs }: SessionOptions): Promise<SftpSession> {
  const client = new Client();
  const broken = new Promise<never>((_resolve, reject) => {
    const fail = (error: unknown) => {
      client.destroy();
      reject(sftpError(label, error) ?? error);
    };
    client.on('error', fail);
    client.on('close', () => fail(new StoreError('STORE_UNREACHABLE', label, 'connection closed')));
  });
  // Handled even if no call is in progress.
  broken.catch(() => {});

  const ready = new Promise<SftpSession>((resolve, reject) => {
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, answer) => {
      // Some servers accept the password only in this way.
      answer(prompts.map(() => config.password ?? ''));
    });
    client.on('ready', () => {
      client.sftp((error, sftp) => {
        if (error === undefined) resolve({ sftp, broken, end: () => client.destroy() });
        // The user may log in, but not for SFTP.
        else reject(sftpError(label, error) ?? new StoreError('STORE_FORBIDDEN', label, error.message));
      });
    });
    try {
      // Keepalives detect a server that stops responding during a call.
      const timeouts = { readyTimeout: 0, keepaliveInterval: timeoutMs / 3, keepaliveCountMax: 3 };
      client.connect({ ...config, ...timeouts });
    } catch (error) {
      // An invalid private key: ssh2 throws immediately, with a message that does not quote it.
      const detail = error instanceof Error ? error.message : undefined;
      reject(new StoreError('STORE_KEY_REFUSED', label, detail));
    }
  });
  try {
    const late = () => new StoreError('STORE_STALLED', label, `no login within ${timeoutMs / 1000} s`);
    return await withDeadline(timeoutMs, () => Promise.race([ready, broken]), late);
  } catch (error) {
    client.destroy();
    throw error;
  }
}

function loginOf(location: SftpLocation): ConnectConfig {
  const { host, port, username } = location;
  if ('password' in location) {
    return { host, port, username, password: location.password, tryKeyboard: true };
  }
  const { privateKey, passphrase } = location;
  return { host, port, username, privateKey, ...(passphrase !== undefined && { passphrase }) };
}

/** Returns `SHA256:…`, as `ssh-keygen -lf` prints it. */
export function keyFingerprint(key: Buffer): string {
  // A digest of 32 bytes has one padding character.
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace('=', '')}`;
}

/** Returns e.g. `ssh-ed25519`: a key starts with its type, after 4 bytes of length (RFC 4253, 6.6). */
function keyType(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/** SFTP's status codes (draft-ietf-secsh-filexfer-02, 7). */
const statusCodes: Readonly<Record<string, StoreCode>> = {
  2: 'STORE_NOT_FOUND',
  3: 'STORE_FORBIDDEN',
  4: 'STORE_REFUSED',
  6: 'STORE_UNREACHABLE',
  7: 'STORE_UNREACHABLE',
  8: 'STORE_REFUSED',
};

/** ssh2's names for the phases of a connection. */
const levels: Readonly<Record<string, StoreCode>> = {
  'client-authentication': 'STORE_KEY_REFUSED',
  'client-timeout': 'STORE_STALLED',
  'client-socket': 'STORE_UNREACHABLE',
  'client-dns': 'STORE_UNREACHABLE',
  handshake: 'STORE_UNREACHABLE',
  protocol: 'STORE_UNREACHABLE',
};

/** Returns the error for the user; undefined for a bug of ours. */
export function sftpError(label: string, error: unknown): StoreError | undefined {
  if (error instanceof StoreError) return error;
  if (!(error instanceof Error)) return undefined;
  const level = 'level' in error ? levels[String(error.level)] : undefined;
  const code = level ?? statusCodes[codeOf(error) ?? ''];
  if (code !== undefined) return new StoreError(code, label, error.message, { cause: error });
  // ssh2's messages for a connection that was lost during a call.
  if (/no response from server|not connected|channel (open )?failure|connection lost/i.test(error.message)) {
    return new StoreError('STORE_UNREACHABLE', label, error.message, { cause: error });
  }
  return connectionError(label, error);
}
