/** Who may use the doors: by name and password or by bearer token, as configured; this machine only where nothing is. */

import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isThisMachine } from '../auth/this-machine.ts';

export interface Access {
  basic: { username: string; password: string } | undefined;
  token: string | undefined;
}

/** What is looked at of a request. */
export interface Visitor {
  headers: IncomingHttpHeaders;
  /** Address at the other end of the connection. */
  from: string | undefined;
}

/** Makes the function that tells whether a request may enter. */
export function makeGuard({ basic, token }: Access) {
  const wanted = [
    ...(basic === undefined ? [] : [`basic ${base64(`${basic.username}:${basic.password}`)}`]),
    ...(token === undefined ? [] : [`bearer ${token}`]),
  ].map(digestOf);
  return ({ headers, from }: Visitor): boolean => {
    // Nor is a page of elsewhere in a browser on this machine.
    if (wanted.length === 0) return headers.origin === undefined && isThisMachine(headers, from);
    const given = digestOf(withPlainScheme(headers.authorization ?? ''));
    // Every one is compared, and digests are of one length: the time tells nothing.
    return wanted.filter((digest) => timingSafeEqual(digest, given)).length > 0;
  };
}

/** Schemes are the same in capitals (RFC 9110, 11.1), and may be followed by several spaces. */
function withPlainScheme(authorization: string): string {
  return authorization.replace(/^([a-z]+) +/i, (_, scheme: string) => `${scheme.toLowerCase()} `);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
