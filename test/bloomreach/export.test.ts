import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportProblemKinds } from '../../src/bloomreach/export-problem.ts';
import { basicAuth } from '../support/basic-auth.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { allOf } from '../sources/all-of.ts';
import { eventually } from '../support/eventually.ts';
import { startBoth, startClient } from './export-client.ts';

const rowsIn = async (path: string) => allOf((await openFile(path, { idTypes: ['registered'] })).rows());

describe('an export', () => {
  it('sends the request that the API documents', async () => {
    const { sandbox, download } = await startBoth();
    await download({
      ids: ['registered', 'cookie'],
      attributes: ['first_name', 'registered', 'passmachine_pass_id'],
      segmentation: { id: 'sandbox-segmentation', index: 1 },
    });
    expect(sandbox.witness.entries()[0]?.requestBody).toEqual({
      attributes: {
        type: 'some',
        list: [
          { type: 'id', id: 'registered' },
          { type: 'id', id: 'cookie' },
          { type: 'property', property: 'first_name' },
          { type: 'property', property: 'passmachine_pass_id' },
        ],
      },
      filter: { type: 'segment', segmentation_id: 'sandbox-segmentation', segment_index: 1 },
      execution_time: 1_763_855_000,
      timezone: 'Europe/Prague',
      format: 'native_json',
    });
  });

  it.each(['csv', 'native_json'] as const)(
    'of 20,000 customers is stored as %s and can be read',
    async (format) => {
      const { path, files, download } = await startBoth(
        { exports: { customers: 20_000 } },
        { stallMs: 5000 },
      );
      const result = await download({ format, attributes: ['first_name', 'note', 'email'] });
      const { size, mode } = await stat(path);
      expect(result).toEqual({ kind: 'stored', bytes: size });
      expect(mode & 0o777).toBe(0o600);
      expect(await files()).toEqual(['segment']);
      const rows = await rowsIn(path);
      expect(rows).toHaveLength(20_000);
      expect(rows.every((row) => row.ok)).toBe(true);
      expect(rows.at(-1)).toMatchObject({
        number: 20_000,
        customer: { ids: { registered: 'customer-20000' } },
      });
    },
  );

  it('replaces an earlier file', async () => {
    const { path, download } = await startBoth({ exports: { customers: 1 } });
    await writeFile(path, 'yesterday');
    expect(await download()).toMatchObject({ kind: 'stored' });
    expect(await rowsIn(path)).toHaveLength(1);
  });

  it.each(['csv', 'native_json'] as const)(
    'of an empty segment as %s returns `empty` and leaves no file',
    async (format) => {
      const { files, download } = await startBoth();
      const segmentation = { id: 'sandbox-segmentation', index: -1 };
      expect(await download({ format, segmentation })).toEqual({ kind: 'empty' });
      expect(await files()).toEqual([]);
    },
  );
});

describe('attribute values', () => {
  const nasty = {
    quotes: 'Jana "Jája" ""',
    newlines: 'Brno\nKrálovo Pole\r\nČR',
    commas: 'one, two; three\tfour',
    emoji: '👩‍👩‍👧 🌸',
    backslash: 'C:\\temp\\"',
    number: 12.5,
    big: 9_007_199_254_740_991,
    yes: true,
    no: false,
    list: ['a "b"', 'c,d', 7],
    empty: '',
  };

  async function read(format: 'csv' | 'native_json') {
    const { sandbox, path, download } = await startBoth({ exports: { customers: 0 } });
    const { projectToken, apiKeyId, apiSecret } = sandbox.credentials;
    await fetch(`${sandbox.bloomreachUrl}/track/v2/projects/${projectToken}/customers`, {
      method: 'POST',
      headers: { authorization: basicAuth(apiKeyId, apiSecret) },
      body: JSON.stringify({ customer_ids: { registered: '007', cookie: 'k' }, properties: nasty }),
    });
    expect(await download({ format, attributes: Object.keys(nasty) })).toMatchObject({ kind: 'stored' });
    const [row] = await rowsIn(path);
    return row;
  }
  const { empty: _empty, ...filled } = nasty;

  it('keep their types in native_json; empty values are omitted', async () => {
    expect(await read('native_json')).toMatchObject({
      customer: { ids: { registered: '007' }, attributes: filled },
    });
  });

  it('are kept as text in csv', async () => {
    const texts = Object.entries(filled).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    expect(await read('csv')).toEqual({
      ok: true,
      number: 1,
      customer: { ids: { registered: '007' }, attributes: Object.fromEntries(texts) },
    });
  });
});

describe('a refusal', () => {
  it.each([
    ['a wrong key', 'unauthorized', {}, { apiSecret: 'wrong' }],
    ['a wrong project', 'unauthorized', {}, { projectToken: 'wrong' }],
    ['no permission', 'not-permitted', { forbidden: ['export'] as const }, {}],
    ['403 without a message', 'not-permitted', { fault: 'export:403' }, {}],
    ['422', 'refused', { fault: 'export:422' }, {}],
    ['404', 'wrong-address', { fault: 'export:404' }, {}],
  ])(
    'for %s is reported as %s, without a retry or a file',
    async (_what, code, sandboxOptions, clientOptions) => {
      const { sandbox, files, download } = await startBoth(sandboxOptions, clientOptions);
      expect(await download()).toMatchObject({ kind: 'failed', problem: { code, retryable: false } });
      expect(sandbox.witness.count('export')).toBe(1);
      expect(await files()).toEqual([]);
    },
  );

  it.each(['csv', 'native_json'] as const)(
    'of an unknown segment, which is a 200, leaves no file as %s',
    async (format) => {
      const { sandbox, files, download } = await startBoth();
      const result = await download({ format, segmentation: { id: 'unknown', index: 0 } });
      expect(result).toEqual({
        kind: 'failed',
        problem: {
          code: 'segmentation-unknown',
          message: expect.stringContaining('Segmentation does not exist'),
          retryable: false,
          status: 200,
        },
      });
      expect(sandbox.witness.count('export')).toBe(1);
      expect(await files()).toEqual([]);
    },
  );

  it('says what it means, what Bloomreach answered and what to do', async () => {
    const { download } = await startBoth({ forbidden: ['export'] });
    const result = await download();
    expect(result.kind === 'failed' && result.problem.message).toBe(
      'The API key may not export customers: 403, ["not authorized to export customers"]. ' +
        'Give its group the permission GDPR > Export customers.',
    );
  });
});

describe('a transient problem', () => {
  it.each([
    'export:500',
    'export:503',
    'export:429',
    'export:reset-before',
    'export:cut-midway',
    'export:hang-midway',
    'export:hang',
  ])('%s is retried until it succeeds', async (fault) => {
    const { sandbox, path, download } = await startBoth({ fault: `${fault}x2` });
    expect(await download()).toMatchObject({ kind: 'stored' });
    expect(sandbox.witness.count('export')).toBe(3);
    expect(await rowsIn(path)).toHaveLength(1000);
  });

  it.each([
    ['export:500', 'unavailable'],
    ['export:429', 'rate-limited'],
    ['export:hang', 'stalled'],
    ['export:hang-midway', 'stalled'],
    ['export:reset-before', 'unreachable'],
    ['export:cut-midway', 'unreachable'],
    ['export:broken-json', 'truncated'],
  ])(
    '%s that persists is reported as %s after three calls, and the earlier file is kept',
    async (fault, code) => {
      const { sandbox, path, files, download } = await startBoth({ fault }, { stallMs: 150 });
      await writeFile(path, 'yesterday');
      expect(await download()).toMatchObject({ kind: 'failed', problem: { code, retryable: true } });
      expect(sandbox.witness.count('export')).toBe(3);
      expect(await files()).toEqual(['segment']);
      expect(await readFile(path, 'utf8')).toBe('yesterday');
    },
  );

  it('is retried no sooner than Bloomreach asks', async () => {
    const { download } = await startBoth({ fault: 'export:429+0.3x1' });
    const startedAt = performance.now();
    expect(await download()).toMatchObject({ kind: 'stored' });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(299);
  });

  it('is returned to the caller if Bloomreach asks for an hour', async () => {
    const { sandbox, download } = await startBoth({ fault: 'export:429+3600' });
    expect(await download()).toMatchObject({
      kind: 'failed',
      problem: { code: 'rate-limited', status: 429, retryAfterMs: 3_600_000 },
    });
    expect(sandbox.witness.count('export')).toBe(1);
  });

  it('does not include a slow answer, however long it takes', async () => {
    const stallMs = 100;
    const { sandbox, download } = await startBoth(
      { fault: 'export:slow', exports: { customers: 20_000 } },
      { stallMs },
    );
    const startedAt = performance.now();
    expect(await download({ attributes: ['note', 'first_name', 'email'] })).toMatchObject({ kind: 'stored' });
    expect(performance.now() - startedAt).toBeGreaterThan(2 * stallMs);
    expect(sandbox.witness.count('export')).toBe(1);
  });

  it('includes a refused connection', async () => {
    const { download } = await startClient({ baseUrl: 'http://127.0.0.1:1' });
    expect(await download()).toMatchObject({
      kind: 'failed',
      problem: { code: 'unreachable', message: expect.stringContaining('ECONNREFUSED') },
    });
  });
});

describe('an aborted export', () => {
  it('ends immediately', async () => {
    const { sandbox, files, download } = await startBoth(
      { fault: 'export:hang-midway' },
      { stallMs: 60_000 },
    );
    const caller = new AbortController();
    const result = download({}, caller.signal);
    await eventually(() => expect(sandbox.witness.entries()[0]?.status).toBe(200));
    caller.abort();
    expect(await result).toMatchObject({ kind: 'failed', problem: { code: 'aborted', retryable: false } });
    expect(await files()).toEqual([]);
  });

  it('makes no further call between two attempts', async () => {
    const { sandbox, download } = await startBoth({ fault: 'export:500' }, { delaysMs: [60_000] });
    const caller = new AbortController();
    const result = download({}, caller.signal);
    await eventually(() => expect(sandbox.witness.entries()[0]?.ms).toBeDefined());
    caller.abort();
    expect(await result).toMatchObject({ problem: { code: 'aborted' } });
    expect(sandbox.witness.count('export')).toBe(1);
  });
});

describe('a path that cannot be written', () => {
  it('is reported before any call', async () => {
    const { sandbox, folder } = await startBoth();
    const { download } = await startClient({
      baseUrl: sandbox.bloomreachUrl,
      path: join(folder, 'missing', 'segment'),
    });
    expect(await download()).toMatchObject({
      kind: 'failed',
      problem: { code: 'unwritable', retryable: false, message: expect.stringContaining('ENOENT') },
    });
    expect(sandbox.witness.count('export')).toBe(0);
  });

  it('is reported if the disk is full', async () => {
    const { sandbox, path, files, download } = await startBoth();
    // Every write to /dev/full fails as on a full disk.
    await symlink('/dev/full', `${path}.part`);
    expect(await download()).toMatchObject({
      problem: { code: 'unwritable', message: expect.stringContaining('ENOSPC') },
    });
    expect(sandbox.witness.count('export')).toBe(1);
    expect(await files()).toEqual([]);
  });

  it('is reported if it is a folder', async () => {
    const { sandbox, folder } = await startBoth();
    const { download } = await startClient({ baseUrl: sandbox.bloomreachUrl, path: folder });
    expect(await download()).toMatchObject({ kind: 'failed', problem: { code: 'unwritable' } });
  });
});

it('docs/bloomreach-export.md lists every export problem', async () => {
  const page = await readFile('docs/bloomreach-export.md', 'utf8');
  const rows = Object.entries(exportProblemKinds).map(
    ([code, { retryable, meaning, remedy }]) =>
      `| \`${code}\` | ${retryable ? 'yes' : 'no'} | ${meaning}. | ${remedy} |`,
  );
  expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
});
