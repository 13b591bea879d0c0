/** Starts the stand-in server as a child process and exposes its milestones as promises. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { killAtExit, stopChild } from '../child.mjs';

/**
 * Starts the server of stand-in.mjs. `started` resolves when the clock starts, `finished` when the last call arrives,
 * `writtenBack` with the last write-back.
 * @param {import('../workload.mjs').Workload} workload
 */
export async function startStandIn(workload) {
  const path = fileURLToPath(new URL('stand-in.mjs', import.meta.url));
  const child = killAtExit(fork(path, [JSON.stringify(workload)]));
  /** @type {Record<import('./tally.mjs').Milestone, { promise: Promise<void>, resolve: () => void }>} */
  const milestones = { started: deferred(), finished: deferred(), writtenBack: deferred() };
  child.on('message', (/** @type {any} */ { milestone }) => milestones[milestone]?.resolve());
  const [{ url }] = await once(child, 'message');
  return {
    /** @type {string} */
    url,
    started: milestones.started.promise,
    finished: milestones.finished.promise,
    writtenBack: milestones.writtenBack.promise,
    /** @returns {Promise<import('./tally.mjs').Figures>} */
    figures: () =>
      new Promise((resolve) => {
        // A milestone may arrive before the response.
        const onMessage = ({ figures }) => {
          if (figures === undefined) return;
          child.off('message', onMessage);
          resolve(figures);
        };
        child.on('message', onMessage);
        child.send('figures');
      }),
    stop: () => stopChild(child),
  };
}

/** @returns {{ promise: Promise<void>, resolve: () => void }} */
function deferred() {
  /** @type {(value?: any) => void} */
  let settle;
  const promise = new Promise((resolve) => (settle = resolve));
  return { promise, resolve: () => settle() };
}
