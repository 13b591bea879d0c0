/** How the text of a setting becomes a value. Messages never quote the text: it may be a secret in the wrong place. */

import { DateTime } from 'luxon';
import { type OperatorRole, operatorRoles } from '../domain/operators/operator.ts';
import { type RedisAddress, readRedisAddress } from '../kit/redis/redis-address.ts';
import type { Reader } from './setting.ts';

/** Any text, without the blanks around it. */
export const text: Reader<string> = (given) => ({ ok: true, value: given });

/** A whole number within bounds, both included. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): Reader<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return (given) => {
    const value = Number(given);
    return /^\d+$/.test(given) && value >= least && value <= most
      ? { ok: true, value }
      : { ok: false, problem: `must be a whole number ${range}` };
  };
}

/** A number above zero; fractions are allowed. */
export const positive: Reader<number> = (given) => {
  const value = Number(given);
  return /^\d+(\.\d+)?$/.test(given) && value > 0
    ? { ok: true, value }
    : { ok: false, problem: 'must be a number above 0' };
};

/** The IANA name of a time zone. */
export const timeZone: Reader<string> = (given) =>
  DateTime.utc().setZone(given).isValid
    ? { ok: true, value: given }
    : { ok: false, problem: 'must be a time zone such as Europe/Prague' };

/** One of a few words. */
export function word<const W extends string>(...words: readonly W[]): Reader<W> {
  return (given) => {
    const value = words.find((known) => known === given);
    return value === undefined
      ? { ok: false, problem: `must be one of ${words.join(', ')}` }
      : { ok: true, value };
  };
}

/** A comma-separated list with at least one item. */
export function list<T>(item: Reader<T>): Reader<T[]> {
  return (given) => {
    const readings = given.split(',').map((part) => item(part.trim()));
    const values: T[] = [];
    for (const reading of readings) {
      if (!reading.ok) return { ok: false, problem: `is a list of which each item ${reading.problem}` };
      values.push(reading.value);
    }
    return { ok: true, value: values };
  };
}

/** A name that can stand in a CSV header and in a URL. */
export const plainName: Reader<string> = (given) =>
  /^[\w-]+$/.test(given)
    ? { ok: true, value: given }
    : { ok: false, problem: 'must be letters, digits, - and _' };

/** The base URL of an API, without the slash at its end. */
export const baseUrl: Reader<string> = (given) => {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return { ok: false, problem: 'must be an http:// or https:// address' };
  }
  if (url.search !== '' || url.hash !== '')
    return { ok: false, problem: 'must be an address without ? and #' };
  if (url.username !== '') return { ok: false, problem: 'must be an address without credentials in it' };
  return { ok: true, value: url.href.replace(/\/+$/, '') };
};

/** The address of a webhook, whole. */
export const webhookUrl: Reader<string> = (given) =>
  URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)
    ? { ok: true, value: given }
    : { ok: false, problem: 'must be an http:// or https:// address' };

/** A path below a base URL. */
export const urlPath: Reader<string> = (given) =>
  /^\/[^\s?#]*$/.test(given)
    ? { ok: true, value: given }
    : { ok: false, problem: 'must be a path that begins with /' };

/** A server, sentinels or a Cluster. */
export const redisUrl: Reader<RedisAddress> = readRedisAddress;

/** A queue prefix as a Redis hash tag, which keeps all of its keys in one slot of a cluster. */
export const hashTag: Reader<string> = (given) => {
  const [, name] = /^\{?([\w.-]+)\}?$/.exec(given) ?? [];
  return name === undefined
    ? { ok: false, problem: 'must be letters, digits, ., - and _' }
    : { ok: true, value: `{${name}}` };
};

/** `claim=role`, the role one of the dashboard's. */
export const roleOfClaim: Reader<{ claim: string; role: OperatorRole }> = (given) => {
  const [claim = '', name] = given.split('=').map((part) => part.trim());
  const role = operatorRoles.find((known) => known === name);
  return claim === '' || role === undefined
    ? {
        ok: false,
        problem: `must be a name and a role, e.g. ops=operator; roles are ${operatorRoles.join(', ')}`,
      }
    : { ok: true, value: { claim, role } };
};
