/** A real folder, SFTP server and bucket, to test the stores against. */

import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import ssh2 from 'ssh2';
import type {
  FolderLocation,
  S3Location,
  SftpLocation,
  FileLocation,
} from '../../../src/domain/campaigns/source-definition.ts';
import { keyFingerprint } from '../../../src/sources/remote/sftp-session.ts';
import { type FaultyLine, openFaultyLine } from './faulty-line.ts';
import { openS3Server } from './s3-server.ts';
import { makeKeys, openSftpServer } from './sftp-server.ts';

export interface TestLocation<Location extends FileLocation = FileLocation> {
  location: Location;
  /** Puts a file there, bypassing the store; `age` in seconds distinguishes its versions. */
  put(name: string, content: string | Buffer, age?: number): Promise<void>;
  remove(name: string): Promise<void>;
  /** Puts several files there, each with its name as content. */
  putMany(names: readonly string[]): Promise<void>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface NetworkLocation<Location extends FileLocation> extends TestLocation<Location> {
  line: FaultyLine;
}

export async function openTestFolder(): Promise<TestLocation<FolderLocation>> {
  const path = await mkdtemp(join(tmpdir(), 'exports-'));
  return {
    location: { kind: 'folder', path },
    async put(name, content, age = 0) {
      await writeFile(join(path, name), content);
      const time = Date.now() / 1000 - age;
      await utimes(join(path, name), time, time);
    },
    remove: (name) => rm(join(path, name)),
    async putMany(names) {
      await Promise.all(names.map((name) => writeFile(join(path, name), name)));
    },
    async clear() {
      const names = await readdir(path);
      await Promise.all(names.map((name) => rm(join(path, name))));
    },
    close: () => rm(path, { recursive: true }),
  };
}

export const SFTP_PASSWORD = 'pass-word-of-bridge';

export interface TestSftp extends NetworkLocation<SftpLocation & { privateKey: string }> {
  /** Fingerprint of the server's key of another type. */
  otherHostKey: string;
}

export async function openTestSftp(): Promise<TestSftp> {
  const folder = await openTestFolder();
  const [hostKey, otherHostKey, userKey] = [makeKeys(), makeKeys('ecdsa'), makeKeys()];
  const server = await openSftpServer({
    folder: folder.location.path,
    hostKeys: [hostKey.private, otherHostKey.private],
    username: 'bridge',
    password: SFTP_PASSWORD,
    publicKey: userKey.public,
  });
  const line = await openFaultyLine(server.port);
  return {
    ...folder,
    location: {
      kind: 'sftp',
      host: '127.0.0.1',
      port: line.port,
      username: 'bridge',
      privateKey: userKey.private,
      hostKey: fingerprintOfKey(hostKey.public),
      path: '.',
    },
    otherHostKey: fingerprintOfKey(otherHostKey.public),
    line,
    async close() {
      await line.close();
      await server.close();
      await folder.close();
    },
  };
}

export function fingerprintOfKey(publicKey: string): string {
  const key = ssh2.utils.parseKey(publicKey);
  if (key instanceof Error) throw key;
  return keyFingerprint(key.getPublicSSH());
}

const at = (name: string) => ({ Bucket: 'exports', Key: `daily/${name}` });

export async function openTestS3(): Promise<NetworkLocation<S3Location>> {
  const server = await openS3Server(['exports']);
  const line = await openFaultyLine(server.port);
  const { accessKeyId, secretAccessKey } = server;
  const client = new S3Client({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${server.port}`,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const folder = join(server.folder, 'exports', 'daily');
  return {
    location: {
      kind: 's3',
      endpoint: `http://127.0.0.1:${line.port}`,
      region: 'eu-central-1',
      bucket: 'exports',
      prefix: 'daily',
      accessKeyId,
      secretAccessKey,
      forcePathStyle: true,
    },
    async put(name, content) {
      await client.send(new PutObjectCommand({ ...at(name), Body: content }));
    },
    async remove(name) {
      await client.send(new DeleteObjectCommand(at(name)));
    },
    async putMany(names) {
      await mkdir(folder, { recursive: true });
      await Promise.all(names.map((name) => writeFile(join(folder, `${name}._S3rver_object`), name)));
    },
    clear: () => rm(folder, { recursive: true, force: true }),
    line,
    async close() {
      client.destroy();
      await line.close();
      await server.close();
    },
  };
}
