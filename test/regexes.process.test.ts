/** Regular expressions that backtrack can block the event loop for minutes on a text from outside. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { check } from 'recheck';
import { expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../src');

interface Found {
  file: string;
  pattern: string;
  flags: string;
}

/** Calls of `RegExp`, which are built from constants. A new one needs a look, because it is not checked below. */
const CONSTRUCTED = [
  'domain/campaigns/options/option-values.ts',
  'kit/private-redis/debian-download.ts',
  'kit/redis/refusal.ts',
  'programs/preset/jinja-in-json.ts',
  'programs/preset/webhook-settings.ts',
  // Of the sandbox's own operator.
  'sandbox/fault-injection.ts',
  'sandbox/fault-rule.ts',
];

function isRegExp(callee: { type: string; name?: unknown }): boolean {
  return callee.type === 'Identifier' && callee.name === 'RegExp';
}

function findRegexes(): { literals: Found[]; constructed: string[] } {
  const literals = new Map<string, Found>();
  const constructed = new Set<string>();
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file)) continue;
    const { program, errors } = parseSync(file, readFileSync(join(SRC, file), 'utf8'));
    expect(errors, file).toEqual([]);
    new Visitor({
      Literal(node) {
        if (!('regex' in node)) return;
        const { pattern, flags } = node.regex;
        literals.set(`/${pattern}/${flags}`, { file, pattern, flags });
      },
      NewExpression: ({ callee }) => void (isRegExp(callee) && constructed.add(file)),
      CallExpression: ({ callee }) => void (isRegExp(callee) && constructed.add(file)),
    }).visit(program);
  }
  return { literals: [...literals.values()], constructed: [...constructed].toSorted() };
}

const { literals, constructed } = findRegexes();

it('finds a regular expression that backtracks', async () => {
  const { status } = await check(String.raw`^(a|a)*$`, '');
  expect(status).toBe('vulnerable');
});

it('finds no regular expression in src that takes more than linear time', { timeout: 600_000 }, async () => {
  expect(literals.length).toBeGreaterThan(100);
  const vulnerable: string[] = [];
  for (const { file, pattern, flags } of literals) {
    // "unknown" means that the time was not enough for a verdict. The search is random, so it gets a seed.
    const { status } = await check(pattern, flags, { timeout: 10_000, randomSeed: 1 });
    if (status === 'vulnerable') vulnerable.push(`${file}: /${pattern}/${flags}`);
  }
  expect(vulnerable).toEqual([]);
});

it('knows all calls of RegExp', () => {
  expect(constructed).toEqual(CONSTRUCTED);
});
