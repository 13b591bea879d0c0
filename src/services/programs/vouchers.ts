/** Fills the pools of voucher codes from the files that programs name, and again whenever a file changes. */

import { createReadStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import { fileVersion } from '../../kit/file-version.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import type { Stores } from '../stores.ts';

const LOOK_EVERY_MS = 1000;
const AT_ONCE = 1000;

/** Characters: longer ones are no codes. */
const LONGEST_CODE = 200;

/** A pool as operators see it. */
export interface VoucherPool {
  /** As the programs name it. */
  pool: string;
  left: number;
  drawn: number;
}

type WithPrograms = Pick<ProgramsFile, 'programs'>;

/** The pools of the programs file, each once. */
export function voucherPools({ programs }: WithPrograms): string[] {
  const named = [...programs.values()].flatMap(({ vouchers }) => vouchers ?? []);
  return [...new Set(named)];
}

export function listVouchers(
  { vouchers }: Pick<Stores, 'vouchers'>,
  file: WithPrograms,
): Promise<VoucherPool[]> {
  const look = async (pool: string): Promise<VoucherPool> => {
    const { left, drawn } = await vouchers.counts(pool);
    return { pool, left, drawn };
  };
  return Promise.all(voucherPools(file).map(look));
}

/**
 * Adds the codes of a file to a pool: one a line, empty lines left out. Several processes may do it at
 * once. Returns how many were new.
 */
export async function addVouchers(
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
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const code = line.trim();
    if (code === '' || code.length > LONGEST_CODE) continue;
    codes.push(code);
    if (codes.length === AT_ONCE) await flush();
  }
  await flush();
  return added;
}

/** `path`: of the programs file, at which the paths of the codes start. */
export async function startVouchers(
  stores: Pick<Stores, 'vouchers'>,
  file: WithPrograms,
  { path, log }: { path: string; log: Logger },
): Promise<Part> {
  const read = new Map<string, string>();

  const look = async () => {
    for (const pool of voucherPools(file)) {
      const codes = resolve(dirname(path), pool);
      const version = fileVersion(codes);
      if (version === '' || version === read.get(pool)) continue;
      const added = await addVouchers(stores, pool, codes);
      read.set(pool, version);
      if (added > 0) log.info({ event: 'vouchers.added', pool, added });
    }
  };

  const looked = () =>
    look().catch((error: unknown) => log.error({ event: 'vouchers.not-read', err: error }));
  let looking: Promise<void> | undefined = looked();
  await looking;
  looking = undefined;
  const timer = setInterval(() => {
    looking ??= looked().finally(() => {
      looking = undefined;
    });
  }, LOOK_EVERY_MS);
  return {
    name: 'vouchers',
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
