/**
 * A real S3 server on loopback: s3rver stores objects, checks access keys (but no signatures), pages its
 * listings, and is the only such package that runs on Node 20.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface S3Server {
  port: number;
  /** Has a folder per bucket, and in it `{key}._S3rver_object` per object. */
  folder: string;
  /** The valid credentials. */
  accessKeyId: string;
  secretAccessKey: string;
  close(): Promise<void>;
}

export async function openS3Server(buckets: readonly string[]): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 's3-'));
  // Its paging tokens use DES, which OpenSSL provides only on request.
  const child = spawn(
    process.execPath,
    ['--openssl-legacy-provider', '--no-warnings', 'test/sources/remote/run-s3.mjs', folder, ...buckets],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const [port] = (await Promise.race([
    once(child.stdout, 'data'),
    text(child.stdout).then((output) => Promise.reject(new Error(`s3rver did not start: ${output}`))),
  ])) as [Buffer];
  return {
    port: Number(port),
    folder,
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    async close() {
      child.stdin.end();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
