/**
 * Repairs an append-only file with a damaged end, as a power cut leaves it: blocks that were allocated and never written
 * are zeroes, and redis-server then refuses to start. The tool for it is the same executable under another name, so it
 * need not be installed.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { RedisServerBinary } from './binary.ts';
import { PrivateRedisError, type RedisLocation } from './location.ts';

export interface RepairOptions {
  /** Called before anything is changed. `storedAt`: time of the last change that is kept, ms since 1970, if it is known. */
  onRepair(storedAt: number | undefined): Promise<void>;
}

interface Damage {
  file: string;
  /** Bytes that are intact. */
  intact: number;
  lost: number;
  /** When the file was last written, ms since 1970. */
  writtenAt: number;
}

/** The log of a server that found the damage. */
export function isDamaged(log: string): boolean {
  return log.includes('Bad file format reading the append only file');
}

export const repairAdvice =
  'Its file ends in garbage, as after a power cut or a full disk. Start once with --repair-store (passbridge up --repair-store): it keeps a copy of the file, removes its damaged end, says how much that was, and holds campaigns that could make a card twice.';

/** Copies the files, removes the damaged end, and says what was lost. */
export async function repairStore(
  binary: RedisServerBinary,
  { folder }: RedisLocation,
  { onRepair }: RepairOptions,
  say: (line: string) => void,
): Promise<void> {
  const target = await findTarget(folder);
  const damage = await findDamage(binary, target);
  const storedAt = await lastTimeIn(damage);
  await onRepair(storedAt);
  const copy = await keepCopy(folder, target);
  const { output, code } = await runCheck(binary, ['--fix', target.path]);
  const { size } = await stat(damage.file);
  if (code !== 0 || size !== damage.intact) {
    throw new PrivateRedisError(
      `The damaged end of ${damage.file} could not be removed: ${lastLine(output)}. A copy is in ${copy}; restore a backup.`,
    );
  }
  say(describe(damage, storedAt, copy));
}

function describe({ file, lost, intact, writtenAt }: Damage, storedAt: number | undefined, copy: string) {
  const seconds = storedAt === undefined ? undefined : Math.max(0, Math.ceil((writtenAt - storedAt) / 1000));
  const period =
    seconds === undefined || storedAt === undefined
      ? 'How long a time that was is not known.'
      : `The data is that of ${new Date(storedAt).toISOString()}; at most the last ${seconds + 1} s before the end of the file are missing.`;
  return `Repaired ${file}: removed ${lost} bytes at its end and kept ${intact}. ${period} Cards made in that time are unknown here and could be made again, so campaigns are held. A copy of the damaged files is in ${copy}.`;
}

interface Target {
  /** What the tool is given: the manifest, or the single file of Redis 6. */
  path: string;
  /** The file or folder to copy. */
  whole: string;
  folder: string;
}

async function findTarget(folder: string): Promise<Target> {
  const parts = join(folder, 'appendonlydir');
  const manifest = (await readdir(parts).catch(() => [])).find((name) => name.endsWith('.manifest'));
  if (manifest !== undefined) return { path: join(parts, manifest), whole: parts, folder: parts };
  const single = join(folder, 'appendonly.aof');
  return { path: single, whole: single, folder };
}

async function findDamage(binary: RedisServerBinary, { path, folder }: Target): Promise<Damage> {
  const { output } = await runCheck(binary, [path]);
  const analyzed =
    /^AOF analyzed: (?:filename=(?<name>[^,\s]+), )?size=\d+, ok_up_to=(?<intact>\d+), (?:ok_up_to_line=\d+, )?diff=(?<lost>[1-9]\d*)$/m;
  const { name = basename(path), intact, lost } = analyzed.exec(output)?.groups ?? {};
  if (intact === undefined) {
    throw new PrivateRedisError(
      `The files in ${folder} are damaged in a way that cannot be repaired: ${lastLine(output)}. Restore a backup.`,
    );
  }
  const file = join(folder, name);
  return { file, intact: Number(intact), lost: Number(lost), writtenAt: (await stat(file)).mtimeMs };
}

/** Bytes searched for the last time: that many are written within a few seconds at most. */
const SEARCHED_BYTES = 16 * 1024 * 1024;

/** Redis 7 notes the time between commands, once a second. */
async function lastTimeIn({ file, intact }: Damage): Promise<number | undefined> {
  const handle = await open(file);
  try {
    const size = Math.min(intact, SEARCHED_BYTES);
    const bytes = Buffer.alloc(size);
    await handle.read(bytes, 0, size, intact - size);
    const times = [...bytes.toString('latin1').matchAll(/^#TS:(\d+)\r$/gm)];
    const last = times.at(-1)?.[1];
    return last === undefined ? undefined : Number(last) * 1000;
  } finally {
    await handle.close();
  }
}

async function keepCopy(folder: string, { whole }: Target): Promise<string> {
  for (let n = 1; ; n += 1) {
    const copy = join(folder, `${basename(whole)}.damaged-${n}`);
    const exists = await access(copy).then(
      () => true,
      () => false,
    );
    if (exists) continue;
    await cp(whole, copy, { recursive: true, preserveTimestamps: true });
    return copy;
  }
}

/** Runs the tool, and confirms its question. */
async function runCheck(
  { file, env }: RedisServerBinary,
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  const argv0 = basename(file).startsWith('valkey') ? 'valkey-check-aof' : 'redis-check-aof';
  const child = spawn(file, args, { argv0, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close') as Promise<[number | null]>;
  // It may end without asking.
  child.stdin.on('error', () => {});
  child.stdin.end('y\n');
  const [output, [code]] = await Promise.all([text(child.stdout), closed]);
  return { code: code ?? 1, output };
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
