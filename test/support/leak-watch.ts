/**
 * Checked for every process that a workspace starts, whatever the test is about: its output contains no secret of its
 * settings, and its log names no customer.
 */

import { expect } from 'vitest';
import { settings } from '../../src/config/environment.ts';
import type { Ended } from './cli.ts';

/** Shorter secrets may occur in other words by chance. */
const MIN_SECRET_LENGTH = 8;

/** Emails and names of customers in tests and examples. Customer ids are allowed in logs. */
const CUSTOMERS = /[\w.+-]+@example\.com|Nov[aá]kov[aá]|Žofie/;

export function expectNoLeak(
  { stdout, stderr }: Ended,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const secrets = Object.entries(settings).flatMap(([name, { isSecret }]) => {
    const value = env[name] ?? '';
    return isSecret && value.length >= MIN_SECRET_LENGTH ? [[name, value] as const] : [];
  });
  const printed = stdout + stderr;
  const leaked = secrets.flatMap(([name, value]) => (printed.includes(value) ? [name] : []));
  expect(leaked, 'secrets in the output').toEqual([]);
  const named = stderr.split('\n').filter((line) => line.startsWith('{"level"') && CUSTOMERS.test(line));
  expect(named, 'log lines that name a customer').toEqual([]);
}
