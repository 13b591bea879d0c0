/** Starts a contestant that is a script of this folder: `enqueue` fills its broker, then `work` processes the jobs. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startNode, waitForSuccess } from '../child.mjs';

/** Returns a function that enqueues the jobs, if there is a broker, starts a worker, and resolves with the processes. */
export function startScript(name) {
  const path = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  return async ({ folder, url, broker, jobs, children }) => {
    const start = (part) => {
      const parameters = JSON.stringify({ part, url, jobs, broker: broker?.connection });
      return startNode([path, parameters], { log: join(folder, `${part}.log`), env: process.env });
    };
    if (broker !== undefined) await waitForSuccess(start('enqueue'));
    const work = async () => {
      const child = start('work');
      children.push(child);
      return child;
    };
    return { workers: [await work()], helpers: [], startReplacement: work };
  };
}
