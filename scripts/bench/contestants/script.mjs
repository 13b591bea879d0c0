/** A contestant that is a script of this folder: `enqueue` fills its broker, then `work` empties it. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endedWell, startNode } from '../child.mjs';

/** Enqueues where it has a broker, starts working, and resolves with the processes. */
export function startScript(name) {
  const path = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  return async ({ folder, url, broker, jobs, children }) => {
    const start = (part) => {
      const order = JSON.stringify({ part, url, jobs, broker: broker?.connection });
      return startNode([path, order], { log: join(folder, `${part}.log`), env: process.env });
    };
    if (broker !== undefined) await endedWell(start('enqueue'));
    const work = async () => {
      const child = start('work');
      children.push(child);
      return child;
    };
    return { workers: [await work()], helpers: [], another: work };
  };
}
