/**
 * Checks the credentials of webhook requests: Basic or a bearer token, as configured. Without configured credentials,
 * only requests from this machine are allowed.
 */

import { hash, timingSafeEqual } from 'node:crypto';
import { type Arrival, isThisMachine } from '../client-address.ts';

export interface Access {
  basic: { username: string; password: string } | undefined;
  token: string | undefined;
  /** A proxy forwards requests of others to this server, so none is known to be of this machine. */
  isProxied: boolean;
}

/** Returns a function that checks whether a request is allowed. */
export function makeAccessCheck({ basic, token, isProxied }: Access) {
  const accepted = [
    ...(basic === undefined ? [] : [`basic ${base64(`${basic.username}:${basic.password}`)}`]),
    ...(token === undefined ? [] : [`bearer ${token}`]),
  ].map(digestOf);
  return (arrival: Arrival): boolean => {
    const { origin, authorization = '' } = arrival.headers;
    // A page of another origin in a browser on this machine is not allowed either.
    if (accepted.length === 0) return !isProxied && origin === undefined && isThisMachine(arrival);
    const given = digestOf(withPlainScheme(authorization));
    // Compares all digests, which have the same length, so that the time reveals nothing.
    return accepted.filter((digest) => timingSafeEqual(digest, given)).length > 0;
  };
}

/** Normalizes the scheme, which is case-insensitive and may be followed by several spaces (RFC 9110, 11.1). */
function withPlainScheme(authorization: string): string {
  return authorization.replace(/^([a-z]+) +/i, (_, scheme: string) => `${scheme.toLowerCase()} `);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
