/**
 * The folder of the demo, with its data and an `.env`: commands that run in it see the demo's campaign, also after the
 * demo has ended.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PassbridgeProcess } from '../app/process.ts';
import type { Config } from '../config/config.ts';
import { makePrivateFolder, PRIVATE_FILE, writeFileAtomically } from '../kit/files.ts';
import type { Logger } from '../kit/logger.ts';
import { UserError } from '../kit/user-error.ts';
import type { Host } from '../services/stores.ts';

/** Replaces the `.env` of the last demo. */
export async function writeDemoSettings(
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  await makePrivateFolder(folder);
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
  const text = ['# The demo in this folder; the next one replaces it.\n', ...lines].join('');
  await writeFileAtomically(join(folder, '.env'), text, { mode: PRIVATE_FILE });
}

/** Deletes the data of the last demo in the folder. Throws a {@link UserError} if that demo is still running. */
export async function clearDemo(config: Config, host: Host, log: Logger): Promise<void> {
  if (!existsSync(join(config.files.dataDir, 'redis'))) return;
  const { openProcess } = await import('../app/process.ts');
  const last = await openProcess(config, { ...host, wipeOldData: true }, log);
  const alive = await last.stores.heartbeats.alive();
  await last.close({ wipe: alive.length === 0 });
  if (alive.length > 0) throw stillRunning(alive, config.files.dataDir);
}

function stillRunning(
  alive: Awaited<ReturnType<PassbridgeProcess['stores']['heartbeats']['alive']>>,
  folder: string,
): UserError {
  const pids = alive.map(({ pid }) => pid).join(', ');
  return new UserError(
    'WRONG_STATUS',
    `Another demo is running in ${folder} (process ${pids}). Stop it with Ctrl-C, or start this one in another folder.`,
  );
}
