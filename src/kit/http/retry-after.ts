/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): delay seconds or an HTTP date. Servers and gateways also send fractions, unix
 * times in seconds or milliseconds, and ISO dates. The value comes from outside and decides how long nothing is sent,
 * so it is never obeyed for longer than a configured maximum.
 */

/** The longest wait that is obeyed by default. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/** No delay is this long (31 years): such a number is a unix time. */
const FIRST_UNIX_TIME = 1e9;
/** Upper limits of unix times in the year 5138, with their units per millisecond: s, ms, µs and ns. */
const UNIX_TIMES = [
  { below: 1e11, perMs: 1e-3 },
  { below: 1e14, perMs: 1 },
  { below: 1e17, perMs: 1e3 },
  { below: 1e20, perMs: 1e6 },
];

const number = /^\d+(\.\d+)?$/;
/** `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and ISO 8601 with its zone. */
const dateWithZone =
  /^((mon|tue|wed|thu|fri|sat|sun)[a-z]*, .*(gmt|utc|[+-]\d\d:?\d\d)|\d{4}-[\d-]*t.*(z|[+-]\d\d:?\d\d))$/i;
/** `Sun Nov  6 08:49:37 1994`, the asctime format, which is in UTC. */
const asctime = /^(mon|tue|wed|thu|fri|sat|sun) [a-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/i;

interface Options {
  /** The server's clock if it is known, else ours, in ms since 1970: dates count from there. */
  nowMs: number;
  /** The longest wait to return, ms. */
  maxMs?: number;
}

/** Returns the milliseconds to wait, at most `maxMs`; undefined if the header is absent or has no known form. */
export function parseRetryAfter(
  header: string | string[] | undefined,
  { nowMs, maxMs = MAX_RETRY_AFTER_MS }: Options,
): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
  const ms = number.test(text) ? waitOfNumber(Number(text), nowMs) : dateOf(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, Math.ceil(ms)), maxMs);
}

function waitOfNumber(value: number, nowMs: number): number {
  if (value < FIRST_UNIX_TIME) return value * 1000;
  const unit = UNIX_TIMES.find(({ below }) => value < below);
  return unit === undefined ? Infinity : value / unit.perMs - nowMs;
}

/** Returns ms since 1970, or NaN. `Date.parse` alone would take `-5` and `soon 1` for days in 2001. */
function dateOf(text: string): number {
  if (asctime.test(text)) return Date.parse(`${text} GMT`);
  return dateWithZone.test(text) ? Date.parse(text) : NaN;
}
