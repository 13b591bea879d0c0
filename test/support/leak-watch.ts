/**
 * What each process that a desk starts is held to, whatever its test is about: nothing that it prints
 * repeats a secret of its settings, and no line of its log names a customer.
 */

import { expect } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import type { Ended } from './cli.ts';

/** Shorter ones stand in many a word. */
const SHORTEST_SECRET = 8;

/** How customers of tests and of the examples are called; ids are no names, and stand in the ids of jobs. */
const CUSTOMERS = /[\w.+-]+@example\.com|Nov[aá]kov[aá]|Žofie/;

export function expectNoLeak(
  { stdout, stderr }: Ended,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const secrets = Object.entries(settings).flatMap(([name, { isSecret }]) => {
    const value = env[name] ?? '';
    return isSecret && value.length >= SHORTEST_SECRET ? [[name, value] as const] : [];
  });
  const printed = stdout + stderr;
  const repeated = secrets.flatMap(([name, value]) => (printed.includes(value) ? [name] : []));
  expect(repeated, 'settings whose secrets were printed').toEqual([]);
  const named = stderr.split('\n').filter((line) => line.startsWith('{"level"') && CUSTOMERS.test(line));
  expect(named, 'lines of the log that name a customer').toEqual([]);
}
