/** The client's address: the only place that decides it, for sign-in limits, the audit log and loopback checks. */

import type { IncomingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';
import { isLoopback } from '../kit/http/loopback.ts';

/**
 * Returns the address of the client of a Fastify request. Behind the proxies listed in TRUST_PROXY, Fastify takes it from
 * `X-Forwarded-For`; otherwise it is the peer of the connection. Empty if the connection is already closed.
 */
export function clientAddress({ ip = '' }: { readonly ip?: string | undefined }): string {
  return ip;
}

/** What decides whether a request was made on this machine. */
export interface Arrival {
  headers: IncomingHttpHeaders;
  /** The client's address. */
  from: string | undefined;
  /** E.g. `1.1`. */
  httpVersion: string;
}

/** Returns how a Fastify request arrived. */
export function arrivalOf(request: {
  readonly ip?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly raw: { readonly httpVersion: string };
}): Arrival {
  return {
    headers: request.headers,
    from: clientAddress(request),
    httpVersion: request.raw.httpVersion,
  };
}

/**
 * Headers that reverse proxies, load balancers, CDNs and tunnels add: RFC 7239 and RFC 9110, the X-Forwarded family,
 * and those of nginx, Envoy, Cloudflare, Akamai, Fastly, AWS, Azure, Google and Tailscale.
 */
const RELAY_HEADERS =
  /^(?:forwarded|via|x-(?:forwarded|original|envoy|amzn|amz-cf|azure|arr|appengine|proxy|nginx)(?:-.+)?|x-(?:real|scheme|rewrite|proxyuser).*|cf-.+|cdn-loop|.*-?(?:client|connecting)-ip|tailscale-.+)$/;

/**
 * Returns whether a request was made on this machine, under a name of this machine, and was not relayed by a proxy. A
 * relayed request never counts as local, even behind a trusted proxy: the header could name any address. HTTP/1.0 does
 * not count either: it is what nginx sends to `proxy_pass` by default, with this machine's name and no header of its own.
 */
export function isThisMachine({ headers, from, httpVersion }: Arrival): boolean {
  const isRelayed = httpVersion === '1.0' || Object.keys(headers).some((name) => RELAY_HEADERS.test(name));
  return !isRelayed && isLoopback(from ?? '') && isLocalName(headers.host);
}

/** Returns whether the `Host` header names this machine. Rejects DNS rebinding: a foreign name that resolves to loopback. */
export function isLocalName(host: string | undefined): boolean {
  const [, name] = /^([^:@]+|\[[\da-f:.]+\])(?::\d+)?$/i.exec(host ?? '') ?? [];
  return name !== undefined && isLoopback(name);
}

/**
 * Returns what limits count as one client: an IPv4 address, or the /64 network of an IPv6 address, which is the smallest
 * that one customer gets (RFC 6177), so its holder may use a new address for every request.
 */
export function addressGroup(address: string): string {
  const bare = address.toLowerCase().split('%', 1).join();
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare) ?? [];
  if (mapped !== undefined || !isIPv6(bare)) return mapped ?? bare;
  // The URL parser writes IPv6 addresses in one way (WHATWG URL, IPv6 serializer).
  const [head = '', tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
