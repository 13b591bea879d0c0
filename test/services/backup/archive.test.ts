import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ARCHIVE_FORMAT,
  type ArchiveEntry,
  type Manifest,
  readArchive,
  writeArchive,
} from '../../../src/services/backup/archive.ts';

const manifest: Manifest = {
  format: ARCHIVE_FORMAT,
  version: '1.0.0',
  dataVersion: 2,
  createdAt: 1_700_000_000_000,
  prefix: '{passbridge}',
  db: 0,
};

function entry(name: string, text: string): ArchiveEntry {
  const bytes = Buffer.from(text);
  return { name, size: bytes.length, mtimeMs: 1_700_000_000_123.5, content: Readable.from([bytes]) };
}

async function write(entries: ArchiveEntry[], more: Partial<Manifest> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-archive-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'backup.tar');
  await writeArchive(path, { ...manifest, ...more }, Readable.from(entries) as AsyncIterable<ArchiveEntry>);
  return path;
}

async function read(path: string) {
  const found: Record<string, string> = {};
  let seen: Manifest | undefined;
  const times = await readArchive(path, {
    manifest: (given) => void (seen = given),
    async entry(name, content) {
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(chunk);
      found[name] = Buffer.concat(chunks).toString();
    },
  });
  return { found, manifest: seen, times };
}

describe('an archive', () => {
  it('returns what was written, with the times to the microsecond, and is private', async () => {
    const path = await write([
      entry('redis.rdb', 'REDIS0010'),
      entry('files/uploads/ä b.csv', 'x'.repeat(200_000)),
    ]);
    const { found, manifest: seen, times } = await read(path);
    expect(found).toEqual({ 'redis.rdb': 'REDIS0010', 'files/uploads/ä b.csv': 'x'.repeat(200_000) });
    expect(seen).toEqual(manifest);
    expect(times.get('redis.rdb')).toBe(1_700_000_000_123.5);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('is refused if its end is missing', async () => {
    const path = await write([entry('redis.rdb', 'x'.repeat(5000))]);
    const bytes = await readFile(path);
    for (const length of [0, 600, 4000, bytes.length - 4096]) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(read(path)).rejects.toThrow(/is not a complete backup/);
    }
  });

  it('is refused if one byte has changed', async () => {
    const path = await write([entry('redis.rdb', 'x'.repeat(5000))]);
    const bytes = await readFile(path);
    bytes[bytes.indexOf('xxxx') + 17] = 0x79;
    await writeFile(path, bytes);
    await expect(read(path)).rejects.toThrow('redis.rdb is not as it was saved');
  });

  it('is refused if it would write outside of its folder', async () => {
    for (const name of ['../evil', 'files/../../evil', '/etc/evil']) {
      const path = await write([entry(name, 'x')]);
      await expect(read(path)).rejects.toThrow(/which no backup has|is not a complete backup/);
    }
  });

  it('is refused if a newer passbridge made it', async () => {
    const path = await write([entry('redis.rdb', 'x')], { format: ARCHIVE_FORMAT + 1, version: '9.0.0' });
    await expect(read(path)).rejects.toThrow('passbridge 9.0.0');
  });
});
