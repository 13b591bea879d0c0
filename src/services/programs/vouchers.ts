/** Fills the pools of voucher codes from the files named in programs, and again when a file changes. */

import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileVersion } from '../../kit/files.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import { startPeriodic } from '../../kit/periodic.ts';
import { hasUtf16Mark, transcode } from '../../kit/text/encodings.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import { fingerprintOf, readBytes } from '../../sources/file-bytes.ts';
import { textLines } from '../../sources/json-lines/text-lines.ts';
import { utf8Text } from '../../sources/text-file.ts';
import type { Stores } from '../stores.ts';

const POLL_MS = 1000;

/** Codes per write to Redis. */
const BATCH_SIZE = 1000;

/** Characters: a longer line is not a code. */
const MAX_CODE_LENGTH = 200;

/** A pool and its counts. */
export interface VoucherPool {
  /** The path of its file as written in the programs. */
  pool: string;
  left: number;
  drawn: number;
}

type WithPrograms = Pick<ProgramsFile, 'programs'>;

/** Returns the pools of the programs file, each once. */
function voucherPools({ programs }: WithPrograms): string[] {
  const named = [...programs.values()].flatMap(({ vouchers }) => vouchers ?? []);
  return [...new Set(named)];
}

/** Returns the counts of all pools of the programs file. */
export function listVouchers(
  { vouchers }: Pick<Stores, 'vouchers'>,
  file: WithPrograms,
): Promise<VoucherPool[]> {
  const count = async (pool: string): Promise<VoucherPool> => {
    const { left, drawn } = await vouchers.counts(pool);
    return { pool, left, drawn };
  };
  return Promise.all(voucherPools(file).map(count));
}

/**
 * Adds the codes of a file to a pool, one per line, without empty lines. Several processes may do so at
 * the same time. Returns how many were new.
 */
async function addVouchers(
  { vouchers }: Pick<Stores, 'vouchers'>,
  pool: string,
  path: string,
): Promise<number> {
  let codes: string[] = [];
  let added = 0;
  const flush = async () => {
    added += await vouchers.add(pool, codes);
    codes = [];
  };
  for await (const lines of textLines(await codesIn(path))) {
    for (const { bytes } of lines) {
      const code = bytes?.toString().trim() ?? '';
      if (code === '' || code.length > MAX_CODE_LENGTH) continue;
      codes.push(code);
      if (codes.length === BATCH_SIZE) await flush();
    }
  }
  await flush();
  return added;
}

/** Returns the text of a file of codes, as the programs file checks its start: UTF-8, or UTF-16 with its mark. */
async function codesIn(path: string): Promise<AsyncIterable<Buffer>> {
  const fingerprint = await fingerprintOf(path);
  const bytes = readBytes(path, fingerprint);
  const isUtf16 = hasUtf16Mark(await startOf(path));
  return utf8Text(path, isUtf16 ? transcode(bytes, 'utf-16') : bytes);
}

async function startOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Fills the pools, then polls the files. `path`: of the programs file, at which the files' paths start. */
export async function startVouchers(
  stores: Pick<Stores, 'vouchers'>,
  file: WithPrograms,
  { path, log }: { path: string; log: Logger },
): Promise<Part> {
  const loaded = new Map<string, string>();

  const poll = async () => {
    for (const pool of voucherPools(file)) {
      const codes = resolve(dirname(path), pool);
      const version = fileVersion(codes);
      if (version === '' || version === loaded.get(pool)) continue;
      const added = await addVouchers(stores, pool, codes);
      loaded.set(pool, version);
      if (added > 0) log.info({ event: 'vouchers.added', pool, added }, `${pool}: ${added} new codes`);
    }
  };

  // Must come before the first card, which may need a code.
  await poll().catch((error: unknown) =>
    log.error({ event: 'vouchers.failed', err: error }, 'vouchers: the files could not be read'),
  );
  return startPeriodic({ name: 'vouchers', everyMs: POLL_MS, firstAfterMs: POLL_MS, work: poll, log });
}
