/** `npm run check:vocabulary` finds retired words and names the term to use instead. */

import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Finding {
  location: string;
  found: string;
  use: string;
}

// Scripts are JavaScript, so the function under test is typed here.
const { findRetiredWords } = (await import(resolve('scripts/vocabulary/find-retired-words.mjs'))) as {
  findRetiredWords: (file: string, text: string) => Finding[];
};

describe('finds a retired word', () => {
  it.each<[what: string, file: string, text: string, expected: Finding]>([
    [
      'in an identifier',
      'src/imports/send.ts',
      'const size = 50;\nexport function sealParcel(rows: Row[]): void {}\n',
      { location: 'src/imports/send.ts:2', found: 'Parcel', use: 'import batch' },
    ],
    [
      'in an identifier whose word is plain English elsewhere',
      'src/a.ts',
      'const people = customers.length;\n',
      { location: 'src/a.ts:1', found: 'people', use: 'customer, operator' },
    ],
    [
      'in an expression of a template string',
      'src/a.ts',
      'const line = `row ${people[0]} of 10`;\n',
      { location: 'src/a.ts:1', found: 'people', use: 'customer, operator' },
    ],
    [
      'in a constant',
      'src/a.ts',
      'const MAX_RINGS = 3;\n',
      { location: 'src/a.ts:1', found: 'RINGS', use: 'notification, notification limit' },
    ],
    [
      'in a comment',
      'src/a.ts',
      '/**\n * Renews the lease.\n * Whoever holds it may call.\n */\n',
      { location: 'src/a.ts:3', found: 'Whoever', use: 'a noun: the operator, a worker, no process' },
    ],
    [
      'in a string',
      'src/a.ts',
      "throw new Error('The receipt has expired.');\n",
      { location: 'src/a.ts:1', found: 'receipt', use: 'bulk action' },
    ],
    [
      'in a text of the dashboard',
      'src/web/dashboard/page.tsx',
      'return (\n  <p class="empty">\n    Nobody has a card.\n  </p>\n);\n',
      {
        location: 'src/web/dashboard/page.tsx:3',
        found: 'Nobody',
        use: 'a noun: the operator, a worker, no process',
      },
    ],
    [
      'in docs',
      'docs/schedules.md',
      '# Schedules\n\nEach firing starts a campaign.\n',
      { location: 'docs/schedules.md:3', found: 'firing', use: 'due run' },
    ],
    [
      'in a file name',
      'src/web/doors/create.ts',
      'export {};\n',
      { location: 'src/web/doors/create.ts', found: 'doors', use: 'webhook endpoint, row filter' },
    ],
  ])('%s', (_, file, text, expected) => {
    expect(findRetiredWords(file, text)).toEqual([expected]);
  });

  it('in a phrase', () => {
    expect(findRetiredWords('docs/a.md', 'The lease is let go of.\n')).toEqual([
      { location: 'docs/a.md:1', found: 'let go of', use: 'released' },
    ]);
  });

  it('in a flag, once', () => {
    expect(findRetiredWords('docs/a.md', 'Use `--max-rings 3`.\n')).toEqual([
      { location: 'docs/a.md:1', found: '--max-rings', use: '--max-notifications-per-day' },
    ]);
  });
});

describe('accepts', () => {
  it.each<[what: string, file: string, text: string]>([
    ['a clean file', 'src/a.ts', '/** Returns the import batch of a row. */\nexport const batchOf = 1;\n'],
    ['plain English in a comment', 'src/a.ts', '// Most people look at the first page.\nconst size = 50;\n'],
    ['plain English in a text of the dashboard', 'src/web/a.tsx', 'return <th>Who did it</th>;\n'],
    ['calls in flight', 'src/a.ts', 'const maxInFlight = 10;\n'],
    ['turning a setting on', 'src/a.ts', "const TURN_ON_AOF = 'appendonly yes';\n"],
    ['the reader of a stream', 'src/a.ts', 'const reader = stream.getReader();\nawait reader.read();\n'],
    ['firing alerts', 'docs/metrics.md', 'The alert is firing after two minutes.\n'],
    ['firing in files of Prometheus', 'deploy/prometheus/alerts.test.yaml', 'state: firing\n'],
    ['the seat of a ticket', 'examples/cards/event.yaml', 'kpSeat: "{{ customer.seat }}"\n'],
  ])('%s', (_, file, text) => {
    expect(findRetiredWords(file, text)).toEqual([]);
  });

  it('a retired name only in the tests that reject it', () => {
    const text = "'guards.maxRings: unknown key, did you mean maxNotificationsPerDay?'\n";
    expect(findRetiredWords('test/programs/file/schedules.test.ts', text)).toEqual([]);
    expect(findRetiredWords('src/a.ts', text)).toMatchObject([{ found: 'maxRings' }]);
  });
});
