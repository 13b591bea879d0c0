/** One login at an SFTP server whose host key is pinned. */

import { Client, type ConnectConfig, type ServerHostKeyAlgorithm, type SFTPWrapper } from 'ssh2';
import type { SftpPlace } from '../../domain/campaigns/source-definition.ts';
import { fingerprintOf, kindOf } from './host-key.ts';
import { sftpRefusal } from './sftp-refusal.ts';
import { StoreError } from './store-error.ts';
import { within } from './within.ts';

export interface SftpSession {
  sftp: SFTPWrapper;
  /** Rejects once the connection is gone: not every call of ssh2 notices. */
  broken: Promise<never>;
  /** Ends it at once. */
  end(): void;
}

interface Terms {
  place: string;
  answerMs: number;
}

/** The kinds of host keys that are asked for, one after the other. */
const keyKinds: readonly (readonly ServerHostKeyAlgorithm[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
];

/**
 * A server has keys of several kinds and shows one, by what it is asked for. The pinned one may be
 * of another kind than the first that it shows, so all kinds are asked for before it is refused.
 * Throws {@link StoreError}.
 */
export async function openSftpSession(location: SftpPlace, terms: Terms): Promise<SftpSession> {
  const others = new Set<string>();
  for (const kinds of [keyKinds.flat(), ...keyKinds]) {
    let pinned = false;
    const hostVerifier = (key: Buffer): boolean => {
      const shown = fingerprintOf(key);
      pinned = shown === location.hostKey;
      if (!pinned) others.add(`${shown} (${kindOf(key)})`);
      return pinned;
    };
    try {
      const asked = { hostVerifier, algorithms: { serverHostKey: [...kinds] } };
      return await connect({ ...loginOf(location), ...asked }, terms);
    } catch (error) {
      // Whatever a server says to the question for another kind, it did not show the pinned key.
      if (pinned || others.size === 0) throw error;
    }
  }
  const detail = `it showed ${[...others].join(', ')}, pinned is ${location.hostKey}`;
  throw new StoreError('STORE_HOST_KEY_CHANGED', terms.place, detail);
}

async function connect(config: ConnectConfig, { place, answerMs }: Terms): Promise<SftpSession> {
  const client = new Client();
  const broken = new Promise<never>((_resolve, reject) => {
    const breakOff = (error: unknown) => {
      client.destroy();
      reject(sftpRefusal(place, error) ?? error);
    };
    client.on('error', breakOff);
    client.on('close', () => breakOff(new StoreError('STORE_UNREACHABLE', place, 'connection closed')));
  });
  // Nobody may be waiting by then.
  broken.catch(() => {});

  const ready = new Promise<SftpSession>((resolve, reject) => {
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, answer) => {
      // Some servers ask for the password in this way only.
      answer(prompts.map(() => config.password ?? ''));
    });
    client.on('ready', () => {
      client.sftp((error, sftp) => {
        if (error === undefined) resolve({ sftp, broken, end: () => client.destroy() });
        // Some servers let a user in for other things than files.
        else reject(sftpRefusal(place, error) ?? new StoreError('STORE_FORBIDDEN', place, error.message));
      });
    });
    try {
      // A server that no longer answers at all is noticed while a call is under way, too.
      const patience = { readyTimeout: 0, keepaliveInterval: answerMs / 3, keepaliveCountMax: 3 };
      client.connect({ ...config, ...patience });
    } catch (error) {
      // A private key that cannot be read: ssh2 tells at once, in words that do not quote it.
      const detail = error instanceof Error ? error.message : undefined;
      reject(new StoreError('STORE_KEY_REFUSED', place, detail));
    }
  });
  try {
    const late = () => new StoreError('STORE_STALLED', place, `no login within ${answerMs / 1000} s`);
    return await within(answerMs, Promise.race([ready, broken]), late);
  } catch (error) {
    client.destroy();
    throw error;
  }
}

function loginOf(location: SftpPlace): ConnectConfig {
  const { host, port, username } = location;
  if ('password' in location) {
    return { host, port, username, password: location.password, tryKeyboard: true };
  }
  const { privateKey, passphrase } = location;
  return { host, port, username, privateKey, ...(passphrase !== undefined && { passphrase }) };
}
