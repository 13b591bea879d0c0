/** One login at an SFTP server whose host key is pinned. */

import { Client, type ConnectConfig, type SFTPWrapper } from 'ssh2';
import type { SftpLocation } from './file-store.ts';
import { fingerprintOf, kindOf } from './host-key.ts';
import { sftpRefusal } from './sftp-refusal.ts';
import { StoreError } from './store-error.ts';

export interface SftpSession {
  sftp: SFTPWrapper;
  /** Ends it at once; whoever still waits for an answer gets an error. */
  end(): void;
}

/** Throws {@link StoreError}. */
export function openSftpSession(
  location: SftpLocation,
  place: string,
  answerMs: number,
): Promise<SftpSession> {
  const client = new Client();
  return new Promise<SftpSession>((resolve, reject) => {
    let otherKey: string | undefined;
    const hostVerifier = (key: Buffer): boolean => {
      const shown = fingerprintOf(key);
      if (shown === location.hostKey) return true;
      otherKey = `it showed ${shown} (${kindOf(key)}), pinned is ${location.hostKey}`;
      return false;
    };
    const refuse = (error: unknown) => {
      client.destroy();
      if (otherKey !== undefined) reject(new StoreError('STORE_HOST_KEY_CHANGED', place, otherKey));
      else reject(sftpRefusal(place, error) ?? error);
    };

    // Stays for as long as the connection: one that breaks later fails the calls in flight as well.
    client.on('error', refuse);
    client.on('close', () => refuse(new StoreError('STORE_UNREACHABLE', place, 'connection closed')));
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, answer) => {
      // Some servers ask for the password in this way only.
      answer(prompts.map(() => ('password' in location ? location.password : '')));
    });
    client.on('ready', () => {
      client.sftp((error, sftp) => {
        if (error === undefined) resolve({ sftp, end: () => client.destroy() });
        else refuse(error);
      });
    });
    try {
      client.connect({ ...loginOf(location), hostVerifier, readyTimeout: answerMs });
    } catch (error) {
      // A private key that cannot be read: ssh2 tells at once, in words that do not quote it.
      const detail = error instanceof Error ? error.message : undefined;
      reject(new StoreError('STORE_KEY_REFUSED', place, detail));
    }
  });
}

function loginOf(location: SftpLocation): ConnectConfig {
  const { host, port, username } = location;
  if ('password' in location) {
    return { host, port, username, password: location.password, tryKeyboard: true };
  }
  const { privateKey, passphrase } = location;
  return { host, port, username, privateKey, ...(passphrase !== undefined && { passphrase }) };
}
