/** The key by which an SSH server is known, as OpenSSH prints it. */

import { createHash } from 'node:crypto';

/** `SHA256:…`, as `ssh-keygen -lf` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** `ssh-ed25519` and the like: a key begins with its kind, after 4 bytes of length (RFC 4253, 6.6). */
export function kindOf(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}
