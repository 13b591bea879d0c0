/** What doors read of a request beside its body. */

import type { FastifyRequest } from 'fastify';

/** The bytes that came; empty where none did. */
export function bytesOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** The path, as it came, without the query that may follow it. */
export function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

/** What the sender calls the request, for whenever it sends it again, or one `part` of it. */
export function keyOf({ headers }: FastifyRequest, part?: number): string | undefined {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') return undefined;
  return part === undefined ? key : `${key} ${part}`;
}

/**
 * How long the sender wants to wait for the result, ms: `Prefer: wait=1` (RFC 7240, 4.3). Without
 * a number as long as it gets; undefined where it says nothing of it.
 */
export function wishedWaitMs({ headers }: FastifyRequest): number | undefined {
  const [found, seconds] =
    /(?:^|[,;\s])wait(?:\s*=\s*"?(\d{1,6})|(?![\w-]))/i.exec(String(headers['prefer'] ?? '')) ?? [];
  if (found === undefined) return undefined;
  return seconds === undefined ? Infinity : Number(seconds) * 1000;
}
