/** A testbed for one run: a stand-in server and a broker of its own, in a temporary folder. */

import { openRedis } from './brokers/redis.mjs';
import { stopChild } from './child.mjs';
import { makeTemporaryFolder } from './cleanup.mjs';
import { startStandIn } from './server/start.mjs';

/**
 * @typedef {object} Broker
 * @property {string} name Product, version and durability, for the report.
 * @property {object} connection What a contestant connects to.
 * @property {() => number[]} pids
 * @property {() => Promise<number>} [commands] Commands processed so far, including those inside scripts.
 * @property {() => Promise<number>} [usedBytes]
 * @property {() => Promise<void>} close
 */

/**
 * @typedef {object} Testbed
 * @property {string} folder
 * @property {Awaited<ReturnType<typeof startStandIn>>} server
 * @property {string} url Of the server.
 * @property {Broker | undefined} broker
 * @property {number} jobs Warm-up calls included.
 * @property {import('./child.mjs').Child[]} children Add processes here; they are stopped with the testbed.
 */

/** @type {Record<string, (folder: string) => Promise<Broker>>} */
const brokers = {
  redis: openRedis,
  // Loaded on demand, because it needs a package that only the race installs.
  postgres: async (folder) => (await import('./brokers/postgres.mjs')).openPostgres(folder),
};

/**
 * Opens a testbed with a broker of this kind, calls `use` with it, and removes everything afterwards.
 * @template T
 * @param {'redis' | 'postgres' | undefined} kind
 * @param {import('./workload.mjs').Workload} workload
 * @param {(testbed: Testbed) => Promise<T>} use
 */
export async function withTestbed(kind, workload, use) {
  const { path: folder, remove } = await makeTemporaryFolder();
  /** @type {import('./child.mjs').Child[]} */
  const children = [];
  const closing = [remove];
  try {
    const server = await startStandIn(workload);
    closing.push(server.stop);
    const broker = kind === undefined ? undefined : await brokers[kind]?.(folder);
    if (broker !== undefined) closing.push(broker.close);
    closing.push(async () => void (await Promise.all(children.map((child) => stopChild(child)))));
    const jobs = workload.warmUp + workload.calls;
    return await use({ folder, server, url: server.url, broker, jobs, children });
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}
