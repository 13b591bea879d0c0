/** What a process says about the settings that it runs with: names and a digest, never a value. */

import { scrypt } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileVersion } from '../kit/files.ts';
import type { SettingName } from './environment.ts';
import { readVariables } from './load.ts';
import { settingTexts, type Variables } from './read-environment.ts';

/** Settings of which each process, or each command, may have its own. */
const ownSettings = new Set<string>([
  'REDIS_URL',
  'REDIS_SERVER_BIN',
  'DATA_DIR',
  'STORE_MARK_DIR',
  'PROGRAMS_FILE',
  'OPERATORS_FILE',
  'HOST',
  'PORT',
  'METRICS_PORT',
  'LOG_LEVEL',
  'SHUTDOWN_GRACE_MS',
  'OTEL_EXPORTER_OTLP_HEADERS',
] satisfies SettingName[]);

/** Slow to compute, because a reader of Redis could otherwise try passwords against it. */
const COST = { N: 2 ** 12 } as const;
const DIGEST_BYTES = 12;

/** Returns a text that two processes share if they run with the same settings, apart from those of each process. */
export async function settingsDigest(variables: Variables): Promise<string> {
  const shared = [...settingTexts(variables)].filter(([name]) => !ownSettings.has(name));
  const derive = promisify<string, string, number, object, Buffer>(scrypt);
  const digest = await derive(JSON.stringify(shared), 'passbridge settings', DIGEST_BYTES, COST);
  return digest.toString('base64url');
}

/**
 * Returns a function that compares the settings of this moment with those of `.env` now, and returns the names of those
 * that differ. It reads the file only after a change, so it may be called every second.
 */
export function watchSettings(folder: { env: Variables; cwd: string }): () => readonly string[] {
  const path = join(folder.cwd, '.env');
  const atStart = settingTexts(readVariables(folder));
  let version = fileVersion(path);
  let changed: readonly string[] = [];

  return () => {
    const current = fileVersion(path);
    if (current === version) return changed;
    version = current;
    try {
      const now = settingTexts(readVariables(folder));
      changed = [...atStart].filter(([name, text]) => now.get(name) !== text).map(([name]) => name);
    } catch {
      // The next start, or doctor, says what is wrong with the file.
    }
    return changed;
  };
}
