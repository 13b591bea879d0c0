import { describe, expect, it } from 'vitest';
import { type Choice, chooseFile, fileKey, type Wanted } from '../../../src/sources/remote/choose-file.ts';
import type { RemoteFile } from '../../../src/sources/remote/file-store.ts';

function file(name: string, modifiedAt: number, version = 'v1', size = 10): RemoteFile {
  return { name, size, version, modifiedAt };
}

function choose(listing: RemoteFile[], wanted: Partial<Wanted> = {}): Choice {
  return chooseFile(listing, {
    pattern: '*.csv',
    isProcessed: () => false,
    whole: { by: 'arrival' },
    ...wanted,
  });
}

describe('the file to take', () => {
  it('is the newest that fits', () => {
    const newest = file('b.csv', 3);
    expect(choose([file('a.csv', 1), newest, file('c.csv', 2), file('d.txt', 9)])).toEqual({
      kind: 'chosen',
      file: newest,
    });
  });

  it('is the one of the later name where two are of one time', () => {
    expect(choose([file('s-2026-11-23.csv', 5), file('s-2026-11-22.csv', 5)])).toMatchObject({
      file: { name: 's-2026-11-23.csv' },
    });
  });

  it.each([
    ['segment.csv.gz', 'segment.csv.gz', true],
    ['segment-*.csv.gz', 'segment-2026-11-23.csv.gz', true],
    ['segment-*.csv', 'segment-2026-11-23.csv.gz', false],
    ['{cz,sk}-*.csv', 'sk-1.csv', true],
    ['výběr *.csv', 'výběr 1.csv', true],
    ['segment [cz] (1).csv', 'segment [cz] (1).csv', true],
    ['*.csv', '.segment.csv', false],
    ['*', 'segment.csv.part', true],
    ['????-??-??.csv', '2026-11-23.csv', true],
  ])('by the pattern %s: %s is %s', (pattern, name, fits) => {
    expect(choose([file(name, 1)], { pattern }).kind).toBe(fits ? 'chosen' : 'none-match');
  });

  it('is none where no name fits, and tells how many there are', () => {
    expect(choose([file('a.txt', 1)])).toEqual({ kind: 'none-match', listed: 1 });
    expect(choose([])).toEqual({ kind: 'none-match', listed: 0 });
  });

  it('is none where the newest was taken before: an older one never stands in for it', () => {
    const taken = file('b.csv', 2);
    const wanted = { isProcessed: (one: RemoteFile) => fileKey(one) === fileKey(taken) };
    expect(choose([file('a.csv', 1), taken], wanted)).toEqual({ kind: 'all-processed', newest: taken });
  });

  it('is a new version of a name that was taken before', () => {
    const taken = new Set([fileKey(file('a.csv', 1, 'v1'))]);
    const isProcessed = (one: RemoteFile) => taken.has(fileKey(one));
    expect(choose([file('a.csv', 2, 'v2')], { isProcessed }).kind).toBe('chosen');
    expect(choose([file('a.csv', 2, 'v1')], { isProcessed }).kind).toBe('all-processed');
  });

  it('is none where newer ones were taken and deleted', () => {
    expect(choose([file('a.csv', 1)], { notBefore: 2 }).kind).toBe('all-processed');
    expect(choose([file('a.csv', 2)], { notBefore: 2 }).kind).toBe('chosen');
  });
});

describe('a file that may still be written', () => {
  const now = file('a.csv', 2, 'v2', 20);

  it.each<[string, RemoteFile[], Choice['kind']]>([
    ['was the same', [now], 'chosen'],
    ['was not there', [], 'still-written'],
    ['was shorter', [{ ...now, size: 10 }], 'still-written'],
    ['was another version', [{ ...now, version: 'v1' }], 'still-written'],
    ['had another name', [{ ...now, name: 'b.csv' }], 'still-written'],
  ])('by an earlier listing in which it %s', (_what, earlier, kind) => {
    expect(choose([now], { whole: { by: 'settled', earlier } }).kind).toBe(kind);
  });

  it.each<[string, string, RemoteFile[], Choice['kind']]>([
    ['of its own', '{name}.done', [file('a.csv.done', 2)], 'chosen'],
    ['of the folder', '_SUCCESS', [file('_SUCCESS', 3)], 'chosen'],
    ['that is not there', '{name}.done', [file('b.csv.done', 3)], 'still-written'],
    ['of the file before it', '_SUCCESS', [file('_SUCCESS', 1)], 'still-written'],
    ['with signs in it', '$&{name}', [file('$&a.csv', 2)], 'chosen'],
  ])('by a marker %s', (_what, marker, markers, kind) => {
    expect(choose([now, ...markers], { whole: { by: 'marker', marker } })).toEqual({ kind, file: now });
  });

  it('is never its own marker', () => {
    const listing = [now, file('a.csv.done', 5)];
    expect(choose(listing, { pattern: '*', whole: { by: 'marker', marker: '{name}.done' } })).toEqual({
      kind: 'chosen',
      file: now,
    });
  });

  it('is waited for even if an older one is whole', () => {
    const older = file('0.csv', 1);
    expect(choose([older, now], { whole: { by: 'settled', earlier: [older] } })).toEqual({
      kind: 'still-written',
      file: now,
    });
  });
});
