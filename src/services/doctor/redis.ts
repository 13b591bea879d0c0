/** Checks that Redis is safe to store jobs in: reachable, recent, without eviction, and persistent. */

import type { Config } from '../../config/config.ts';
import { formatDuration } from '../../domain/presentation/format.ts';
import { makeLedgerKeys } from '../../ledger/keys.ts';
import { makeBloomreachPauses } from '../../ledger/write-back/bloomreach-pause.ts';
import { describePause, WRITE_BACK_REMEDY } from '../monitoring/write-back-pause.ts';
import { openPrivateRedis } from '../../kit/private-redis/private-redis.ts';
import { inspectServer } from '../../kit/redis/check.ts';
import { connectionRemedy } from '../../kit/redis/connection-errors.ts';
import { connectOnce, type RedisConnection } from '../../kit/redis/redis.ts';
import type { Host } from '../stores.ts';
import { type Finding, findingsOf, reasonOf } from './check.ts';
import { processFindings } from './settings.ts';
import { storeFindings } from './store-marks.ts';

const CONNECT_TIMEOUT_MS = 5000;

/** Connects as the other commands do, which may start a private Redis. */
export async function checkRedis(
  { redis: { address, serverBin, prefix }, files }: Pick<Config, 'redis' | 'files'>,
  { env, say }: Host,
  settingsDigest: string,
): Promise<Finding[]> {
  const store = { prefix, settingsDigest };
  if (address !== undefined) return checkServer(address, store);
  const privateRedis = await openPrivateRedis({ dataDir: files.dataDir, env, binary: serverBin, say });
  try {
    return await checkServer({ path: privateRedis.path }, store);
  } finally {
    await privateRedis.close();
  }
}

async function checkServer(
  address: Parameters<typeof connectOnce>[0],
  { prefix, settingsDigest }: { prefix: string; settingsDigest: string },
): Promise<Finding[]> {
  let redis: RedisConnection;
  try {
    redis = await connectOnce(address, CONNECT_TIMEOUT_MS);
  } catch (error) {
    const reason = reasonOf(error);
    const remedy = `${connectionRemedy(reason)} Without REDIS_URL, a private one is started.`;
    return [findingsOf('redis').error(`cannot connect to Redis: ${reason}`, remedy)];
  }
  try {
    return [
      ...(await redisFindings(redis)),
      ...(await gateFindings(redis, prefix)),
      ...(await writeBackFindings(redis, prefix)),
      ...(await storeFindings(redis, prefix)),
      ...(await processFindings(redis, prefix, settingsDigest)),
    ];
  } finally {
    redis.disconnect();
  }
}

/** Returns a warning while calls to Passmachine pause, whatever closed the gate. */
async function gateFindings(redis: RedisConnection, prefix: string): Promise<Finding[]> {
  const closedMs = await redis.pttl(makeLedgerKeys(prefix).gate);
  if (closedMs <= 0) return [];
  return [
    findingsOf('passmachine-gate').warning(
      `calls to Passmachine pause for another ${formatDuration(closedMs)}`,
      'They resume automatically. To resume them now: passbridge limits --open-gate',
    ),
  ];
}

/** Returns a warning while write-backs pause, with Bloomreach's latest answer. */
async function writeBackFindings(redis: RedisConnection, prefix: string): Promise<Finding[]> {
  const pause = await makeBloomreachPauses(redis, makeLedgerKeys(prefix)).current();
  if (pause === undefined) return [];
  return [findingsOf('bloomreach-pause').warning(describePause(pause), WRITE_BACK_REMEDY)];
}

/** Returns the findings about a connected Redis. */
export async function redisFindings(redis: Pick<RedisConnection, 'info' | 'config'>): Promise<Finding[]> {
  const { version, policy, faults, persistence, memory } = inspectServer(await redis.info());
  const faultOr = (check: string, about: (typeof faults)[number]['about'], message: string): Finding => {
    const fault = faults.find((candidate) => candidate.about === about);
    const { ok, error } = findingsOf(check);
    return fault === undefined ? ok(message) : error(fault.problem, fault.remedy);
  };
  return [
    faultOr('redis-version', 'version', `Redis ${version}`),
    faultOr('redis-eviction', 'eviction', policy ?? 'this Redis does not report its maxmemory-policy'),
    persistenceFinding(persistence, await snapshotRule(redis)),
    ...memoryFindings(memory),
    ...(faults.some((fault) => fault.about === 'role') ? [faultOr('redis-role', 'role', '')] : []),
  ];
}

/** Returns e.g. `3600 1`; empty: no snapshots; undefined: a hosted Redis does not report it. */
async function snapshotRule(redis: Pick<RedisConnection, 'config'>): Promise<string | undefined> {
  try {
    const [, rule] = await redis.config('GET', 'save');
    return rule;
  } catch {
    return undefined;
  }
}

/** Share of maxmemory above which an operator should act before Redis is full. */
const MEMORY_WARNING = 0.9;

/** Nothing is found if Redis has no limit. */
function memoryFindings({ used, limit }: ReturnType<typeof inspectServer>['memory']): Finding[] {
  if (limit === 0) return [];
  const { ok, warning, error } = findingsOf('redis-memory');
  const share = `${inMegabytes(used)} of ${inMegabytes(limit)} (maxmemory) are used`;
  const remedy = 'Give Redis more memory: redis-cli CONFIG SET maxmemory, and redis.conf.';
  if (used >= limit) return [error(`Redis is full and stores nothing: ${share}`, remedy)];
  return [used / limit >= MEMORY_WARNING ? warning(`Redis is nearly full: ${share}`, remedy) : ok(share)];
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

const TURN_ON_AOF = 'Run redis-cli CONFIG SET appendonly yes, and set it in redis.conf.';

function persistenceFinding(
  { aof, works }: ReturnType<typeof inspectServer>['persistence'],
  snapshots: string | undefined,
): Finding {
  const { ok, warning, error } = findingsOf('redis-persistence');
  if (!works) return error('Redis failed to write to its disk', 'Check its log and its disk space.');
  if (aof) return ok('the append-only file keeps every write');
  if (snapshots === '') {
    return error('Redis stores nothing on disk: a restart forgets which cards were made', TURN_ON_AOF);
  }
  return warning(
    'Redis stores at most snapshots: a restart forgets what happened since the last one, including cards',
    TURN_ON_AOF,
  );
}
