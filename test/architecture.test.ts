/** The import rule of docs/architecture.md: layers import downward, stages never import each other. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeMetrics } from '../src/services/monitoring/metrics/metrics.ts';

const SRC = 'src';
const MAX_LINES = 350;
const MAX_FILES_IN_FOLDER = 22;

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

/** Top to bottom: a service may import the ones below it. The table of docs/architecture.md has the same order. */
const services = [
  'dashboard',
  'doctor',
  'monitoring',
  'schedules',
  'intake',
  'customers',
  'backup',
  'failures',
  'campaigns',
  'programs',
  'operators',
];

interface Import {
  file: string;
  target: string;
}

/** The folder of a file below `src`, `.` for `src/main.ts`. */
function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length > 2 ? (parts[1] ?? '.') : '.';
}

/** The feature of a file below `src/services`; undefined for a file that all features may use, such as `stores.ts`. */
function serviceOf(file: string): string | undefined {
  const parts = file.split('/');
  return parts.length > 3 ? parts[2] : undefined;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => join(SRC, name));

const imports: Import[] = files.flatMap((file) => {
  const found = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...found].map(([, target = '']) => ({ file, target: normalize(join(dirname(file), target)) }));
});

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function describeImport({ file, target }: Import): string {
  return `${file} → ${target}`;
}

/** Imports that point upward, or sideways from one stage to another. */
function layerBreaches(checked: readonly Import[]): string[] {
  return checked
    .filter(({ file, target }) => {
      const [from, to] = [folderOf(file), folderOf(target)];
      return from !== to && mayImport[from]?.includes(to) !== true;
    })
    .map(describeImport);
}

/** Imports from one service to another that stands above it in the table, or is not in it. */
function serviceBreaches(checked: readonly Import[]): string[] {
  return checked
    .filter(({ file, target }) => folderOf(file) === 'services' && folderOf(target) === 'services')
    .filter(({ file, target }) => {
      const [from, to] = [serviceOf(file), serviceOf(target)];
      if (to === undefined || from === to) return false;
      return from === undefined || services.indexOf(to) <= services.indexOf(from);
    })
    .map(describeImport);
}

/** Import cycles between files, each as the list of its files. */
function cyclesIn(checked: readonly Import[]): string[] {
  const targets = groupBy(checked, ({ file }) => file);
  const state = new Map<string, 'open' | 'closed'>();
  const path: string[] = [];
  const cycles: string[] = [];
  const visit = (file: string) => {
    if (state.get(file) === 'closed') return;
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      return;
    }
    state.set(file, 'open');
    path.push(file);
    for (const { target } of targets.get(file) ?? []) visit(target);
    path.pop();
    state.set(file, 'closed');
  };
  for (const { file } of checked) visit(file);
  return cycles;
}

describe('the import rule', () => {
  it('holds for every import in src', () => {
    expect(imports.length).toBeGreaterThan(500);
    expect(layerBreaches(imports)).toEqual([]);
    expect(serviceBreaches(imports)).toEqual([]);
  });

  it('knows every folder and every service', () => {
    expect(foldersIn(SRC).filter((name) => !(name in mayImport))).toEqual([]);
    expect(foldersIn(join(SRC, 'services')).toSorted()).toEqual(services.toSorted());
  });

  it('has no import cycle', () => {
    expect(cyclesIn(imports)).toEqual([]);
  });

  it.each([
    ['a stage that imports its neighbor', 'src/worker/handle.ts', 'src/passmachine/client.ts'],
    ['a stage that imports a service', 'src/queue/pass-queue.ts', 'src/services/stores.ts'],
    ['a foundation that imports a stage', 'src/kit/clock.ts', 'src/queue/pass-queue.ts'],
    ['the domain that imports a tool', 'src/domain/jobs/pass-job.ts', 'src/kit/clock.ts'],
    ['a service that imports the wiring', 'src/services/stores.ts', 'src/app/process.ts'],
    ['the wiring that imports the command line', 'src/app/process.ts', 'src/cli/command-line.ts'],
    ['the configuration that imports program parsing', 'src/config/load.ts', 'src/programs/file/programs.ts'],
  ])('refuses %s', (_breach, file, target) => {
    expect(layerBreaches([{ file, target }])).toEqual([`${file} → ${target}`]);
  });

  it.each([
    ['a service above it', 'src/services/campaigns/start.ts', 'src/services/schedules/schedules.ts'],
    [
      'a service, from a file that all services share',
      'src/services/stores.ts',
      'src/services/doctor/doctor.ts',
    ],
  ])('refuses an import of %s', (_breach, file, target) => {
    expect(serviceBreaches([{ file, target }])).toEqual([`${file} → ${target}`]);
  });

  it('refuses a cycle', () => {
    const cycle = [
      { file: 'src/a.ts', target: 'src/b.ts' },
      { file: 'src/b.ts', target: 'src/a.ts' },
    ];
    expect(cyclesIn(cycle)).toEqual(['src/a.ts → src/b.ts → src/a.ts']);
  });
});

describe('the terminal', () => {
  it('is written to in one place, which makes control characters visible', () => {
    const writers = files.filter((file) =>
      /\bstd(?:out|err)\.write\(|console\.\w+\(/.test(readFileSync(file, 'utf8')),
    );
    // The entry point has one line, for errors before anything is loaded; scripts of the pages run in browsers.
    const others = writers.filter((file) => !file.startsWith(join(SRC, 'web', 'client')));
    expect(others.toSorted()).toEqual(['src/cli/output/terminal.ts', 'src/main.ts']);
  });
});

describe('the size of things', () => {
  it(`keeps every file within ${MAX_LINES} lines`, () => {
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > MAX_LINES + 1);
    expect(long).toEqual([]);
  });

  it(`keeps every folder within ${MAX_FILES_IN_FOLDER} files`, () => {
    const counts = groupBy(files, dirname);
    const crowded = [...counts].filter(([, inFolder]) => inFolder.length > MAX_FILES_IN_FOLDER);
    expect(crowded.map(([folder, inFolder]) => `${folder}: ${inFolder.length}`)).toEqual([]);
  });
});

describe('the domain', () => {
  it.each([/Date\.now/, /Math\.random/, /from 'node:/, /\bprocess\.\w/])('does not use %s', (pattern) => {
    const users = files.filter(
      (file) => file.startsWith('src/domain/') && pattern.test(readFileSync(file, 'utf8')),
    );
    expect(users).toEqual([]);
  });
});

describe('the environment', () => {
  it('is read by the entry, the command line and the configuration only', () => {
    const users = files.filter((file) => readFileSync(file, 'utf8').includes('process.env'));
    expect(users.filter((file) => !/^src\/(main\.ts|cli\/|config\/)/.test(file))).toEqual([]);
  });
});

describe('the metrics', () => {
  /** Template internals, a member of metadata and a column, whose names start like a metric's. */
  const notMetrics = new Set([
    'passbridge_value',
    'passbridge_abort',
    'passbridge_job',
    'passbridge_spreadsheet',
  ]);

  it('are declared in one file', () => {
    const declared = makeMetrics().sections.flatMap(({ metrics }) => metrics.map(({ name }) => name));
    expect(declared.length).toBeGreaterThan(30);
    expect(declared.filter((name) => !name.startsWith('passbridge_'))).toEqual([]);
    const elsewhere = files
      .filter((file) => file !== 'src/services/monitoring/metrics/metrics.ts')
      .flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(/'(passbridge_\w+)'/g)].map(([, name]) => name),
      );
    expect(elsewhere.filter((name = '') => !notMetrics.has(name))).toEqual([]);
  });
});

/** Reads of a clock that may be set, used to measure how long something takes. */
function wallClockDurations(source: string): string[] {
  const read = String.raw`(?:clock|systemClock|hostClock|Date\.now)\(\)`;
  const assigned = [...source.matchAll(new RegExp(String.raw`(\w+) = ([^;{}=]*${read}[^;{}]*);`, 'g'))];
  const names = assigned.map(([, name = '']) => name);
  if (names.length === 0 || /clock: MonotonicClock/.test(source)) return [];
  const known = `(?:${[...new Set(names)].join('|')})`;
  const uses = new RegExp(String.raw`${read} (?:-|[<>]=?) ${known}\b|\b${known} (?:-|[<>]=?) ${read}`, 'g');
  return [...source.matchAll(uses)].map(([use]) => use);
}

describe('time', () => {
  it('measures durations with the monotonic clock only', () => {
    const found = files.filter((file) => !file.includes('/client/'));
    expect(
      found.flatMap((file) => wallClockDurations(readFileSync(file, 'utf8')).map((use) => `${file}: ${use}`)),
    ).toEqual([]);
  });

  it('reads the clock of the host nowhere but in kit/clock.ts', () => {
    // oxlint's no-restricted-properties refuses Date.now().
    expect(
      files.filter((file) => /new Date\(\)|\bDateTime\.(now|utc|local)\(\)/.test(readFileSync(file, 'utf8'))),
    ).toEqual([]);
  });

  it.each([
    ['const startedAt = clock();\nlog(clock() - startedAt);', 'clock() - startedAt'],
    ['until = Math.max(until, clock() + 5);\nif (clock() >= until) return;', 'clock() >= until'],
    ['let updated = Date.now();\nwait(updated - Date.now());', 'updated - Date.now()'],
  ])('refuses %j', (source, use) => {
    expect(wallClockDurations(source)).toEqual([use]);
  });
});
