/** The stand-in server as the bench holds it: a child, its moments as promises, its figures on demand. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stopChild, watched } from '../child.mjs';

/** See stand-in.mjs. `moments` are resolved as they come: `begun`, `ended`, and `home` with the last write-back. */
export async function startStandIn(settings) {
  const path = fileURLToPath(new URL('stand-in.mjs', import.meta.url));
  const child = watched(fork(path, [JSON.stringify(settings)]));
  const moments = { begun: latch(), ended: latch(), home: latch() };
  child.on('message', ({ moment }) => moments[moment]?.open());
  const [{ url }] = await once(child, 'message');
  return {
    url,
    begun: moments.begun.opened,
    ended: moments.ended.opened,
    home: moments.home.opened,
    figures: () =>
      new Promise((resolve) => {
        // One listener until they are there: a moment may be told in the same breath.
        const hear = ({ figures }) => {
          if (figures === undefined) return;
          child.off('message', hear);
          resolve(figures);
        };
        child.on('message', hear);
        child.send('figures');
      }),
    stop: () => stopChild(child),
  };
}

function latch() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { open, opened };
}
