/** Names and addresses of this machine. */

import { isIPv4 } from 'node:net';

/** Returns whether a host name or an IP address, with or without brackets, always means this machine (RFC 6890). */
export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (bare === 'localhost' || bare === '::1') return true;
  const v4 = bare.replace(/^::ffff:/, '');
  return isIPv4(v4) && v4.startsWith('127.');
}
