/** The client's address: the only place that decides it, for sign-in limits, the audit log and loopback checks. */

import type { IncomingHttpHeaders } from 'node:http';

/**
 * Returns the address of the client of a Fastify request. Behind the proxies listed in TRUST_PROXY, Fastify takes it from
 * `X-Forwarded-For`; otherwise it is the peer of the connection. Empty if the connection is already closed.
 */
export function clientAddress({ ip = '' }: { readonly ip?: string | undefined }): string {
  return ip;
}

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/**
 * Returns whether a request was made on this machine and not relayed by a proxy. A forwarded request never
 * counts as local, even behind a trusted proxy: the header could name any address.
 */
export function isThisMachine(headers: IncomingHttpHeaders, address: string | undefined): boolean {
  const forwarded = headers.forwarded ?? headers['x-forwarded-for'] ?? headers['x-real-ip'];
  return forwarded === undefined && loopback.has(address ?? '');
}

/** Returns whether the `Host` header names this machine. Rejects DNS rebinding: a foreign name that resolves to loopback. */
export function isLocalName(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host ?? '');
}
