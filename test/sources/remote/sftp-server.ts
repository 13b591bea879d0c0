/** A real, read-only SFTP server on loopback for one folder, made with the server part of the ssh2 package. */

import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2, { type FileEntry, type SFTPWrapper } from 'ssh2';

const { STATUS_CODE } = ssh2.utils.sftp;

export interface SftpServer {
  port: number;
  close(): Promise<void>;
}

export interface SftpServerOptions {
  folder: string;
  /** The first is presented to clients that do not request another type. */
  hostKeys: string[];
  username: string;
  password?: string;
  /** In OpenSSH's format. */
  publicKey?: string;
  /** The response to a request for SFTP after the login; absent: served. */
  sftp?: 'refused' | 'never answered';
}

/** Makes a key pair in OpenSSH's format. */
export function makeKeys(kind: 'ed25519' | 'ecdsa' = 'ed25519'): { private: string; public: string } {
  if (kind === 'ecdsa') return ssh2.utils.generateKeyPairSync(kind, { bits: 256 });
  // ssh2 1.17.0 writes about 6 of 1,000 ed25519 keys so that it cannot read them; it reads all of ssh-keygen's.
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const keys = ssh2.utils.generateKeyPairSync(kind);
    if (!(ssh2.utils.parseKey(keys.private) instanceof Error)) return keys;
  }
  throw new Error('ssh2 makes no key that it can read');
}

export async function openSftpServer(options: SftpServerOptions): Promise<SftpServer> {
  const clients = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: options.hostKeys }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => {});
    client.on('authentication', (attempt) => {
      if (isKnown(attempt, options)) attempt.accept();
      else attempt.reject(['password', 'publickey']);
    });
    client.on('session', (accept) => {
      accept().on('sftp', (acceptSftp, rejectSftp) => {
        if (options.sftp === undefined) serve(acceptSftp(), options.folder);
        else if (options.sftp === 'refused') rejectSftp();
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      clients.forEach((client) => client.end());
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function isKnown(attempt: ssh2.AuthContext, { username, password, publicKey }: SftpServerOptions): boolean {
  if (attempt.username !== username) return false;
  if (attempt.method === 'password') return attempt.password === password;
  if (attempt.method !== 'publickey' || publicKey === undefined) return false;
  const known = ssh2.utils.parseKey(publicKey);
  if (known instanceof Error || !known.getPublicSSH().equals(attempt.key.data)) return false;
  const { blob, signature, hashAlgo } = attempt;
  return blob === undefined || signature === undefined || known.verify(blob, signature, hashAlgo);
}

/** Serves one session. */
function serve(sftp: SFTPWrapper, folder: string): void {
  const files = new Map<number, FileHandle>();
  const listings = new Map<number, FileEntry[]>();
  let handles = 0;
  const handle = () => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE((handles += 1));
    return bytes;
  };
  const local = (path: string) => join(folder, path);
  /** Responds with the status of an error if the work fails. */
  const answer = (id: number, work: () => Promise<void>) => {
    work().catch((error: NodeJS.ErrnoException) => {
      const status = { ENOENT: STATUS_CODE.NO_SUCH_FILE, EACCES: STATUS_CODE.PERMISSION_DENIED }[
        error.code ?? ''
      ];
      sftp.status(id, status ?? STATUS_CODE.FAILURE);
    });
  };

  sftp.on('OPENDIR', (id, path) => {
    answer(id, async () => {
      // Not by the folder's mode, which root ignores.
      if (path === 'locked') throw Object.assign(new Error('forbidden'), { code: 'EACCES' });
      const names = await readdir(local(path));
      const entries = names.map(async (filename) => ({
        filename,
        longname: filename,
        attrs: await attributes(join(local(path), filename)),
      }));
      const key = handle();
      listings.set(key.readUInt32BE(), await Promise.all(entries));
      sftp.handle(id, key);
    });
  });
  sftp.on('READDIR', (id, key) => {
    // 100 per message, like OpenSSH.
    const entries = listings.get(key.readUInt32BE())?.splice(0, 100) ?? [];
    if (entries.length === 0) sftp.status(id, STATUS_CODE.EOF);
    else sftp.name(id, entries);
  });
  sftp.on('STAT', (id, path) => {
    answer(id, async () => sftp.attrs(id, await attributes(local(path))));
  });
  sftp.on('OPEN', (id, path) => {
    answer(id, async () => {
      const file = await open(local(path), 'r');
      const key = handle();
      files.set(key.readUInt32BE(), file);
      sftp.handle(id, key);
    });
  });
  sftp.on('READ', (id, key, offset, length) => {
    answer(id, async () => {
      const { buffer, bytesRead } = await files
        .get(key.readUInt32BE())!
        .read(Buffer.alloc(length), 0, length, offset);
      if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, buffer.subarray(0, bytesRead));
    });
  });
  sftp.on('CLOSE', (id, key) => {
    answer(id, async () => {
      await files.get(key.readUInt32BE())?.close();
      sftp.status(id, STATUS_CODE.OK);
    });
  });
  // A client that disconnects leaves its files open.
  sftp.on('close', () => files.forEach((file) => void file.close().catch(() => {})));
}

async function attributes(path: string) {
  const { mode, uid, gid, size, atimeMs, mtimeMs } = await stat(path);
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
}
