/**
 * Declares a setting, one environment variable, and the parsers that turn its text into a value. Messages
 * continue the setting's name ("PORT must be …") and must never quote the text: it may be a misplaced secret.
 */

import { isIP } from 'node:net';
import { z } from 'zod';
import { isZone } from '../domain/campaigns/safeguards/quiet-hours.ts';
import { type OperatorRole, operatorRoles } from '../domain/operators/operator.ts';
import { characterName, findHiddenCharacter } from '../kit/hidden-character.ts';
import { parseRedisAddress, type RedisAddress } from '../kit/redis/address.ts';

/** Parses a text that is trimmed and not empty. */
export type Parser<T> = z.ZodType<T, string>;

export interface Setting<T> {
  parser: Parser<T>;
  /** Text that is parsed if the environment has none; absent: the setting is optional. */
  defaultText?: string;
  /** One or two sentences for the documentation, with units. */
  description: string;
  /** Must never be printed. */
  isSecret: boolean;
}

/** Declares a setting with a default. */
export function setting<T>(parser: Parser<T>, defaultText: string, description: string): Setting<T> {
  return { parser, defaultText, description, isSecret: false };
}

/** Declares a setting that may be absent. */
export function optional<T>(parser: Parser<T>, description: string): Setting<T | undefined> {
  return { parser, description, isSecret: false };
}

/** Declares a setting that may be absent and is never printed. */
export function secret<T>(parser: Parser<T>, description: string): Setting<T | undefined> {
  return { parser, description, isSecret: true };
}

/**
 * Parses a text into a value, or returns why it is none. A character that was pasted along would otherwise be sent to
 * an upstream, whose refusal looks like an outage.
 */
export function parseSetting<T>(
  { parser }: Pick<Setting<T>, 'parser'>,
  text: string,
): { ok: true; value: T } | { ok: false; problem: string } {
  const pasted = pastedAlong(text);
  if (pasted !== undefined) return { ok: false, problem: pasted };
  const parsed = parser.safeParse(text);
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues.map(({ path: [index], message }) =>
    typeof index === 'number' ? `item ${index + 1} ${message}` : message,
  );
  return { ok: false, problem: problems.join('; ') };
}

/** Pairs that only belong to the notation of a file or to a word processor. */
const QUOTED = /^(".*"|'.*'|`.*`|“.*”|„.*[“”]|‘.*’|‚.*[‘’]|«.*»)$/s;

function pastedAlong(text: string): string | undefined {
  const hidden = findHiddenCharacter(text);
  if (hidden !== undefined) {
    const { position, name } = hidden;
    return `has an invisible character at position ${position}: ${name}. Delete it, or type the value again`;
  }
  return QUOTED.test(text) ? 'has quotation marks around its value. Delete them' : undefined;
}

export const text: Parser<string> = z.string();

/** A token or key as upstreams issue them: visible ASCII characters without spaces, so that a header can carry it. */
export const token: Parser<string> = z.string().transform((value, context) => {
  const characters = Array.from(value);
  const index = characters.findIndex((character) => !/^[!-~]$/.test(character));
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (/^(bearer|basic)\s/i.test(value))
    return refuse('must be the token alone, without Bearer or Basic before it');
  if (index === -1) return value;
  const found = characters[index] === ' ' ? 'a space' : characterName(characters[index] ?? '');
  return refuse(`must be letters, digits and signs, but has ${found} at position ${index + 1}`);
});

/** A user name of HTTP Basic, which ends at the first colon (RFC 7617 §2). */
export const userName: Parser<string> = z.string().regex(/^[^:]+$/, 'must not contain a colon');

/** A whole number within bounds, both included. */
export function whole(min: number, max = Number.MAX_SAFE_INTEGER): Parser<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return numeric(/^\d+$/, (value) => value >= min && value <= max, `must be a whole number ${range}`);
}

/** A number above zero; fractions are allowed. */
export const positive: Parser<number> = numeric(
  /^\d+(\.\d+)?$/,
  (value) => value > 0,
  'must be a number above 0',
);

export interface PortRange {
  first: number;
  last: number;
}

/** A port, or a range of ports such as 9400-9410. */
export const portRange: Parser<PortRange> = z.string().transform((value, context) => {
  const [, from = '', to = from] = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(value) ?? [];
  const [first, last] = [Number(from), Number(to)];
  const isRange = from !== '' && last <= 65_535 && (first === last || (first > 0 && first < last));
  if (isRange) return { first, last };
  context.addIssue({
    code: 'custom',
    message: 'must be a port from 0 to 65535, or a range of ports such as 9400-9410',
  });
  return z.NEVER;
});

function numeric(format: RegExp, accepts: (value: number) => boolean, problem: string): Parser<number> {
  return z
    .string()
    .refine((value) => format.test(value) && accepts(Number(value)), problem)
    .transform(Number);
}

/** The IANA name of a time zone. */
export const timeZone: Parser<string> = z
  .string()
  .refine(isZone, 'must be a time zone such as Europe/Prague');

/** One of a few words. */
export function word<const W extends string>(...words: readonly [W, ...W[]]): Parser<W> {
  return z.string().pipe(z.enum(words, `must be one of ${words.join(', ')}`));
}

/** A comma-separated list with at least one item. */
export function list<T>(item: Parser<T>): Parser<T[]> {
  return z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .pipe(z.array(item));
}

/** A proxy: an IP address, a subnet such as 10.0.0.0/8, or `loopback`. */
export const proxyAddress: Parser<string> = z
  .string()
  .refine(isProxyAddress, 'must be an IP address, a subnet such as 10.0.0.0/8, or loopback');

/** A name that can be used in a CSV header and in a URL. */
export const plainName: Parser<string> = z.string().regex(/^[\w-]+$/, 'must be letters, digits, - and _');

const webProtocol = /^https?:$/;
const mustBeUrl = 'must be an http:// or https:// address';

/** The base URL of an API, parsed without its trailing slash. */
export const baseUrl: Parser<string> = z.string().transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (url === undefined || !webProtocol.test(url.protocol)) return refuse(mustBeUrl);
  if (url.search !== '' || url.hash !== '') return refuse('must be an address without ? and #');
  if (url.username !== '') return refuse('must be an address without credentials in it');
  return url.href.replace(/(?<!\/)\/+$/, '');
});

/** The complete URL of a webhook. */
export const webhookUrl: Parser<string> = z
  .string()
  .refine((value) => URL.canParse(value) && webProtocol.test(new URL(value).protocol), mustBeUrl);

/** An HTTP proxy, with credentials if it needs them. As for curl, http:// may be left out. */
export const proxyUrl: Parser<URL> = z.string().transform((value, context) => {
  const address = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && webProtocol.test(url.protocol)) return url;
  context.addIssue({ code: 'custom', message: 'must be the http:// or https:// address of a proxy' });
  return z.NEVER;
});

/** A path below a base URL. */
export const urlPath: Parser<string> = z.string().regex(/^\/[^\s?#]*$/, 'must be a path that starts with /');

/** A Redis server, its sentinels, or a cluster. */
export const redisUrl: Parser<RedisAddress> = z.string().transform((value, context) => {
  const parsed = parseRedisAddress(value);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: parsed.problem });
  return z.NEVER;
});

/** A key prefix, parsed to a Redis hash tag, which keeps all of its keys in one slot of a cluster. */
export const hashTag: Parser<string> = z
  .string()
  .regex(/^(\{[\w.-]+\}|[\w.-]+)$/, 'must be letters, digits, ., - and _')
  .transform((value) => (value.startsWith('{') ? value : `{${value}}`));

/** `claim=role`, with a role of the dashboard. */
export const roleOfClaim: Parser<{ claim: string; role: OperatorRole }> = z
  .string()
  .transform((value, context) => {
    const [claim = '', name] = value.split('=').map((part) => part.trim());
    const role = operatorRoles.find((known) => known === name);
    if (claim !== '' && role !== undefined) return { claim, role };
    const roles = operatorRoles.join(', ');
    context.addIssue({
      code: 'custom',
      message: `must be a name and a role, e.g. ops=operator; roles are ${roles}`,
    });
    return z.NEVER;
  });

function isProxyAddress(value: string): boolean {
  if (value === 'loopback') return true;
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
