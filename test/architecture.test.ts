/** The import rule of the design: stages know the language and the tools, never each other. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeMetrics } from '../src/services/monitoring/metrics/metrics.ts';

const SRC = 'src';
const foundations = ['domain', 'kit'];
const stages = [
  'sources',
  'campaign',
  'queue',
  'limiter',
  'worker',
  'passmachine',
  'write-back',
  'bloomreach',
  'bulk-actions',
  'ledger',
  'web',
  'sandbox',
];

/** What each folder may import besides itself; `.` is the process entry. */
const mayImport: Record<string, string[]> = {
  domain: [],
  kit: [],
  config: foundations,
  programs: [...foundations, 'config'],
  ...Object.fromEntries(stages.map((stage) => [stage, foundations])),
  services: [...foundations, 'config', 'programs', ...stages],
  app: [...foundations, 'config', 'programs', ...stages, 'services'],
  cli: [...foundations, 'config', 'programs', 'services', 'app'],
  '.': [...foundations, 'config', 'services', 'app', 'cli'],
};

/** Names that templates use inside, which begin like metrics. */
const notMetrics = ['config/leaf-value.ts: passbridge_value', 'kit/jinja/abort.ts: passbridge_abort'];

function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length > 2 ? (parts[1] ?? '.') : '.';
}

/** `file → imported file` for every relative import below a folder. */
function importsBelow(folder: string): { file: string; target: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .flatMap((name) => {
      const file = join(folder, name);
      const found = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
      return [...found].map(([, target = '']) => ({ file, target: normalize(join(dirname(file), target)) }));
    });
}

function breaches(imports: { file: string; target: string }[]): string[] {
  return imports
    .filter(({ file, target }) => {
      const [from, to] = [folderOf(file), folderOf(target)];
      return from !== to && mayImport[from]?.includes(to) !== true;
    })
    .map(({ file, target }) => `${file} → ${target}`);
}

describe('the import rule', () => {
  it('holds everywhere in src', () => {
    const imports = importsBelow(SRC);
    expect(imports.length).toBeGreaterThan(50);
    expect(breaches(imports)).toEqual([]);
  });

  it('would catch a stage that imports its neighbour', () => {
    const planted = { file: 'src/worker/handle.ts', target: 'src/passmachine/client.ts' };
    expect(breaches([planted])).toEqual(['src/worker/handle.ts → src/passmachine/client.ts']);
  });

  it('names every folder of src', () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).filter((name) => !(name in mayImport))).toEqual([]);
  });
});

describe('the language of jobs', () => {
  it.each(['Date.now', 'Math.random', "from 'node:", 'process.'])('does not use %s', (word) => {
    const users = readdirSync('src/job').filter((name) =>
      readFileSync(join('src/job', name), 'utf8').includes(word),
    );
    expect(users).toEqual([]);
  });
});

describe('the environment', () => {
  it('is read by the configuration alone', () => {
    const readers = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && readFileSync(join(SRC, name), 'utf8').includes('process.env'))
      .filter((name) => !name.startsWith('config/'));
    // The one place that hands it over.
    expect(readers.filter((name) => !name.startsWith('cli/') && name !== 'main.ts')).toEqual([]);
  });
});

describe('the metrics', () => {
  it('are named in one file', () => {
    const named = makeMetrics().chapters.flatMap(({ entries }) => entries.map(({ name }) => name));
    expect(named.length).toBeGreaterThan(30);
    const users = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && name !== 'app/metrics/metrics.ts')
      .flatMap((name) => {
        const text = readFileSync(join(SRC, name), 'utf8');
        // In prose, about one of them, it is no name of a new one.
        const metrics = [...text.matchAll(/'(passbridge_\w+)'/g)].map(([, metric = '']) => metric);
        return metrics.map((metric) => `${name}: ${metric}`);
      });
    expect(users).toEqual(notMetrics);
    expect(named.filter((name) => !name.startsWith('passbridge_'))).toEqual([]);
  });
});
