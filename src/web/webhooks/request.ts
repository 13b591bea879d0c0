/** Parses the parts of a request that all endpoints need: body, path, idempotency key, preferred wait, customer ids. */

import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Json } from '../../domain/jobs/program.ts';
import { MAX_CUSTOMER_BYTES, tooManyBytes } from '../../domain/customers/customer-limits.ts';
import { parseExactJson } from '../../kit/json/exact-json.ts';
import { JsonLimitError } from '../../kit/json/json-limits.ts';
import { isObject } from '../../kit/is-object.ts';

/** Returns the bytes of the body; empty if there is none. */
export function bytesOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** Returns the path as it was sent, without the query. */
export function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

/** Returns the sender's idempotency key for the request or for one `part` of it. */
export function idempotencyKeyOf({ headers }: FastifyRequest, part?: number): string | undefined {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') return undefined;
  return part === undefined ? key : `${key} ${part}`;
}

/**
 * Returns how long the sender wants to wait for the result, in milliseconds: `Prefer: wait=1` (RFC 7240, 4.3).
 * Infinity without a number; undefined without the preference.
 */
export function preferredWaitMs({ headers }: FastifyRequest): number | undefined {
  const [found, seconds] =
    /(?:^|[,;\s])wait(?:\s*=\s*"?(\d{1,6})|(?![\w-]))/i.exec(String(headers['prefer'] ?? '')) ?? [];
  if (found === undefined) return undefined;
  return seconds === undefined ? Infinity : Number(seconds) * 1000;
}

/** `WEBHOOK_INVALID`: only this customer's data is too large. */
export type ParsedJson =
  | { ok: true; value: unknown }
  | { ok: false; code: 'WEBHOOK_INVALID' | 'INVALID_REQUEST'; problem: string };

/**
 * Parses a body as JSON, whatever its content type; keeps the digits of long numbers as text. Limits are checked first,
 * because parsing a hostile body would delay every other request. `of`: whether the body is one customer's.
 */
export function parseJson(bytes: Buffer, of: 'customer' | 'customers'): ParsedJson {
  if (!isUtf8(bytes)) return { ok: false, code: 'INVALID_REQUEST', problem: 'the body is not UTF-8' };
  const limited = of === 'customer' ? 'WEBHOOK_INVALID' : 'INVALID_REQUEST';
  if (of === 'customer' && bytes.length > MAX_CUSTOMER_BYTES) {
    return { ok: false, code: limited, problem: `the body ${tooManyBytes}` };
  }
  try {
    return { ok: true, value: parseExactJson(bytes.toString()) };
  } catch (error) {
    return error instanceof JsonLimitError
      ? { ok: false, code: limited, problem: `the body ${error.message}` }
      : { ok: false, code: 'INVALID_REQUEST', problem: 'the body is not JSON' };
  }
}

const OPENING_BRACKET = 0x5b;
const WHITE_SPACE: ReadonlySet<number | undefined> = new Set(Buffer.from(' \t\r\n'));

/** Returns whether a body starts like a JSON list. */
export function isList(bytes: Buffer): boolean {
  let at = 0;
  while (WHITE_SPACE.has(bytes[at])) at += 1;
  return bytes[at] === OPENING_BRACKET;
}

/** An object whose members are checked later: copying each would take a tenth of the time of a request. */
export const jsonObject = z.custom<{ [name: string]: Json }>(isObject, 'must be an object');

/** Returns one sentence per issue, with the path of the field. */
export function problemsOf({ issues }: z.ZodError): string[] {
  return issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
}

/**
 * Returns the usable ids of the given types, in that order. Skips other values, such as Bloomreach's arrays of
 * cookies and the null of an id that the customer lacks.
 */
export function parseIds(
  given: Readonly<Record<string, unknown>>,
  types: Iterable<string>,
): Record<string, string> {
  const ids: Record<string, string> = {};
  for (const type of types) {
    const id = given[type];
    // A number in scientific notation may be another customer's id.
    const text = typeof id === 'string' ? id.trim() : Number.isSafeInteger(id) ? String(id) : '';
    if (text !== '') ids[type] = text;
  }
  return ids;
}
