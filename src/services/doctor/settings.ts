/** Checks that `.env` has only names that are read, and that running processes have the settings of this command. */

import { hostname } from 'node:os';
import { formatCount } from '../../domain/presentation/format.ts';
import type { Heartbeat } from '../../domain/monitoring/heartbeat.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { makeLedgerKeys } from '../../ledger/keys.ts';
import { makeHeartbeatLedger } from '../../ledger/monitoring/heartbeats.ts';
import { type Finding, findingsOf } from './check.ts';

/** Warns of names that nothing reads. `text`: the programs file, whose sources may refer to variables as $NAME. */
export function unreadNames(names: readonly string[], text: string): Finding {
  const { ok, warning } = findingsOf('settings');
  const referred = new Set([...text.matchAll(/\$([A-Z][A-Z\d_]*)/g)].map(([, name]) => name));
  const unread = names.filter((name) => !referred.has(name));
  if (unread.length === 0) return ok('every name in .env is a setting, or used by a source');
  const verb = unread.length === 1 ? 'is' : 'are';
  return warning(
    `${unread.join(', ')} in .env ${verb} read by nothing: neither a setting, nor used by a source of the programs file`,
    'Correct or remove it. docs/configuration.md lists all settings.',
  );
}

/** What this command knows of its own settings. */
export interface OwnSettings {
  digest: string;
  host: string;
}

/**
 * Returns a warning for each running process whose `.env` has changed since its start, and for those of this machine that
 * run with other settings than this command. Processes of other machines may have settings of their own.
 */
export function processSettings(alive: readonly Heartbeat[], own: OwnSettings): Finding[] {
  const { ok, warning } = findingsOf('process-settings');
  const found = alive.flatMap(({ pid, host, roles, settings }) => {
    const name = `process ${pid} on ${host} (${roles.join(', ')})`;
    if (settings?.changed !== undefined) {
      return [
        warning(
          `${name} does not have the settings of its .env: ${settings.changed.names.join(', ')} changed`,
          RESTART,
        ),
      ];
    }
    if (settings === undefined || host !== own.host || settings.digest === own.digest) return [];
    return [
      warning(
        `${name} has other settings than this command`,
        `${RESTART} If it has settings of its own on purpose, all is well.`,
      ),
    ];
  });
  if (alive.length === 0 || found.length > 0) return found;
  return [
    ok(
      `${formatCount(alive.length, 'running process has', 'running processes have')} the settings of this command`,
    ),
  ];
}

const RESTART = 'Restart it if the settings were changed after its start; nothing is lost.';

/** Reads the heartbeats, and compares. */
export async function processFindings(
  redis: RedisConnection,
  prefix: string,
  digest: string,
): Promise<Finding[]> {
  const alive = await makeHeartbeatLedger(redis, makeLedgerKeys(prefix)).alive();
  return processSettings(alive, { digest, host: hostname() });
}
