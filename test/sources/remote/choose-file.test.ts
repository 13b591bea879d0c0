import { describe, expect, it } from 'vitest';
import {
  chooseFile,
  type CompletenessCheck,
  type FileChoice,
  fileKey,
  type FileQuery,
} from '../../../src/sources/remote/find-file.ts';
import type { RemoteFile } from '../../../src/sources/remote/file-store.ts';

function file(name: string, modifiedAt: number, version = 'v1', size = 10): RemoteFile {
  return { name, size, version, modifiedAt };
}

function choose(
  listing: RemoteFile[],
  query: Partial<FileQuery> = {},
  check: CompletenessCheck = { by: 'listing' },
): FileChoice {
  return chooseFile(listing, { pattern: '*.csv', isProcessed: () => false, ...query }, check);
}

describe('the chosen file', () => {
  it('is the newest match', () => {
    const newest = file('b.csv', 3);
    expect(choose([file('a.csv', 1), newest, file('c.csv', 2), file('d.txt', 9)])).toEqual({
      kind: 'chosen',
      file: newest,
    });
  });

  it('has the later name if two files have the same time', () => {
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
  ])('matches by the pattern %s: %s is %s', (pattern, name, matches) => {
    expect(choose([file(name, 1)], { pattern }).kind).toBe(matches ? 'chosen' : 'no-match');
  });

  it('does not exist if no name matches; the number of files is returned', () => {
    expect(choose([file('a.txt', 1)])).toEqual({ kind: 'no-match', listed: 1 });
    expect(choose([])).toEqual({ kind: 'no-match', listed: 0 });
  });

  it('does not exist if the newest was processed before: an older one is not used instead', () => {
    const processed = file('b.csv', 2);
    const query = { isProcessed: (one: RemoteFile) => fileKey(one) === fileKey(processed) };
    expect(choose([file('a.csv', 1), processed], query)).toEqual({
      kind: 'all-processed',
      newest: processed,
    });
  });

  it('can be a new version of a name that was processed before', () => {
    const processed = new Set([fileKey(file('a.csv', 1, 'v1'))]);
    const isProcessed = (one: RemoteFile) => processed.has(fileKey(one));
    expect(choose([file('a.csv', 2, 'v2')], { isProcessed }).kind).toBe('chosen');
    expect(choose([file('a.csv', 2, 'v1')], { isProcessed }).kind).toBe('all-processed');
  });

  it('does not exist if newer ones were processed and deleted', () => {
    expect(choose([file('a.csv', 1)], { notBefore: 2 }).kind).toBe('all-processed');
    expect(choose([file('a.csv', 2)], { notBefore: 2 }).kind).toBe('chosen');
  });
});

describe('a file that may be incomplete', () => {
  const now = file('a.csv', 2, 'v2', 20);

  it.each<[string, RemoteFile[], FileChoice['kind']]>([
    ['was the same', [now], 'chosen'],
    ['did not exist', [], 'incomplete'],
    ['was shorter', [{ ...now, size: 10 }], 'incomplete'],
    ['was another version', [{ ...now, version: 'v1' }], 'incomplete'],
    ['had another name', [{ ...now, name: 'b.csv' }], 'incomplete'],
  ])('compared with an earlier listing in which it %s', (_what, earlier, kind) => {
    expect(choose([now], {}, { by: 'settling', earlier }).kind).toBe(kind);
  });

  it.each<[string, string, RemoteFile[], FileChoice['kind']]>([
    ['of the file', '{name}.done', [file('a.csv.done', 2)], 'chosen'],
    ['of the folder', '_SUCCESS', [file('_SUCCESS', 3)], 'chosen'],
    ['that does not exist', '{name}.done', [file('b.csv.done', 3)], 'incomplete'],
    ['of its previous version', '_SUCCESS', [file('_SUCCESS', 1)], 'incomplete'],
    ['with special characters', '$&{name}', [file('$&a.csv', 2)], 'chosen'],
  ])('by a marker %s', (_what, marker, markers, kind) => {
    expect(choose([now, ...markers], {}, { by: 'marker', marker })).toEqual({ kind, file: now });
  });

  it('is never its own marker', () => {
    const listing = [now, file('a.csv.done', 5)];
    expect(choose(listing, { pattern: '*' }, { by: 'marker', marker: '{name}.done' })).toEqual({
      kind: 'chosen',
      file: now,
    });
  });

  it('is chosen over a complete older one', () => {
    const older = file('0.csv', 1);
    expect(choose([older, now], {}, { by: 'settling', earlier: [older] })).toEqual({
      kind: 'incomplete',
      file: now,
    });
  });
});
