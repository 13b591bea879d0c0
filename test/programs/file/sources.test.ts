import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadPrograms } from '../../../src/programs/file/programs.ts';
import { loadSources } from '../../../src/programs/file/sources.ts';

const program = `
programs:
  loyalty:
    card: loyalty
    templateId: t
    create: { templateVariables: {} }
`;
const hostKey = `SHA256:${'A'.repeat(43)}`;

function write(sources: string, files: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-sources-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const file = join(folder, 'programs.yaml');
  writeFileSync(file, `${program}${sources}`);
  return { folder, file };
}

function problemsOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'none';
}

describe('loading sources', () => {
  it('fills in the secrets that they refer to', () => {
    const { folder, file } = write(
      `
sources:
  inbox: { folder: exports, file: '*.csv' }
  nightly:
    sftp: { host: h, username: u, hostKey: '${hostKey}', privateKeyFile: key, passphrase: $KEY_WORDS }
    file: gold-*.csv.gz
    marker: '{name}.done'
  bucket:
    s3: { bucket: b, accessKeyId: $KEY_ID, secretAccessKey: $KEY_SECRET }
    file: gold.csv
    settle: 5
  gold: { bloomreach: { segmentation: s-1, segment: 2 } }
`,
      { key: 'PEM' },
    );
    const sources = loadSources(file, { KEY_WORDS: 'words', KEY_ID: 'id', KEY_SECRET: 'secret' });
    expect([...sources.values()]).toEqual([
      {
        kind: 'files',
        name: 'inbox',
        location: { kind: 'folder', path: join(folder, 'exports') },
        pattern: '*.csv',
        settleMs: 30_000,
      },
      {
        kind: 'files',
        name: 'nightly',
        location: {
          kind: 'sftp',
          host: 'h',
          port: 22,
          username: 'u',
          hostKey,
          path: '.',
          privateKey: 'PEM',
          passphrase: 'words',
        },
        pattern: 'gold-*.csv.gz',
        marker: '{name}.done',
        settleMs: 30_000,
      },
      {
        kind: 'files',
        name: 'bucket',
        location: {
          kind: 's3',
          region: 'us-east-1',
          bucket: 'b',
          prefix: '',
          accessKeyId: 'id',
          secretAccessKey: 'secret',
          forcePathStyle: false,
        },
        pattern: 'gold.csv',
        settleMs: 5000,
      },
      {
        kind: 'segment',
        name: 'gold',
        segmentation: 's-1',
        segment: 2,
        format: 'native_json',
        attributes: [],
      },
    ]);
  });

  it('reports each missing secret and key file', () => {
    const { file } = write(`
sources:
  nightly:
    sftp: { host: h, username: u, hostKey: '${hostKey}', privateKeyFile: key }
    file: a
  bucket:
    s3: { bucket: b, accessKeyId: $KEY_ID, secretAccessKey: $KEY_SECRET }
    file: a
`);
    const problems = problemsOf(() => loadSources(file, { KEY_ID: 'id' }));
    expect(problems).toMatch(
      /programs\.yaml:10: sources\.nightly\.sftp\.privateKeyFile: key cannot be read: .+key does not exist/,
    );
    expect(problems).toContain(
      'programs.yaml:13: sources.bucket.s3.secretAccessKey: $KEY_SECRET is not set in the environment or .env',
    );
    expect(problems).not.toContain('KEY_ID');
  });

  it.each([
    [
      'a literal secret',
      `s: { s3: { bucket: b, accessKeyId: AKIA1, secretAccessKey: $B }, file: a }`,
      'secrets must not be in this file',
    ],
    ['no location', `s: { file: a }`, 'sources.s: needs exactly one of folder, sftp, s3, bloomreach'],
    ['two locations', `s: { folder: a, bloomreach: {}, file: a }`, 'needs exactly one of folder'],
    ['no file', `s: { folder: a }`, 'sources.s.file: is missing'],
    ['a misspelt key', `s: { folder: a, fle: b }`, 'unknown key, did you mean file'],
    [
      'a misspelt key in a location',
      `s: { s3: { buket: b, accessKeyId: $A, secretAccessKey: $B }, file: a }`,
      'did you mean bucket',
    ],
    [
      'two ways to log in',
      `s: { sftp: { host: h, username: u, hostKey: '${hostKey}', password: $P, privateKeyFile: k }, file: a }`,
      'needs either password or privateKeyFile',
    ],
    [
      'a host key of another kind',
      `s: { sftp: { host: h, username: u, hostKey: 'ssh-rsa AAAA', password: $P }, file: a }`,
      'ssh-keyscan',
    ],
  ])('refuses %s', (_, source, problem) => {
    const { file } = write(`sources:\n  ${source}\n`);
    expect(problemsOf(() => loadPrograms(file))).toContain(problem);
  });
});
