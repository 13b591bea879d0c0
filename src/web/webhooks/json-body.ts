/** Reads a request's bytes as JSON, whatever content type they came with. */

import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { Json } from '../../domain/jobs/program.ts';

export type ReadJson = { ok: true; value: unknown } | { ok: false; why: string };

/** Deeper than any customer, and shallow enough for everything that has to walk through it. */
export const MOST_LEVELS = 32;

export function readJson(bytes: Buffer): ReadJson {
  if (!isUtf8(bytes)) return { ok: false, why: 'the body is not in UTF-8' };
  try {
    return { ok: true, value: JSON.parse(bytes.toString()) as unknown };
  } catch {
    return { ok: false, why: 'the body is no JSON' };
  }
}

export function isObject(value: unknown): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object whose members are looked at later: a copy of each would cost a tenth of a hit's time. */
export const jsonObject = z.custom<{ [name: string]: Json }>(isObject, 'must be an object');

/** Whether lists and objects lie in each other more than that many levels deep. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}
