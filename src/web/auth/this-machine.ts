/** Whether a request comes from this very machine: where nothing else is configured, nobody else is let in. */

import type { IncomingHttpHeaders } from 'node:http';

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** Not somebody behind a proxy on this machine. `from`: address at the other end of the connection. */
export function isThisMachine(headers: IncomingHttpHeaders, from: string | undefined): boolean {
  const passedOn = headers.forwarded ?? headers['x-forwarded-for'] ?? headers['x-real-ip'];
  return passedOn === undefined && loopback.has(from ?? '');
}

/** Whether the name that a browser knows us by is this machine's own: a page of elsewhere may have made its name lead here. */
export function isLocalName(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host ?? '');
}
