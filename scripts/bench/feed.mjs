/**
 * What a campaign's size costs: how long after the start of `passbridge issue` the first call comes, how
 * fast rows come in while others are called, and how the process and Redis grow meanwhile.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { inArena } from './arena.mjs';
import { hasEnded } from './child.mjs';
import { settingsFor, startIssue, writeExport } from './contestants/passbridge.mjs';
import { residentBytesOf } from './proc.mjs';

const SAMPLES = 6;

/** Watches a campaign of so many rows for so many seconds from its first call, or to its end. */
export function measureFeed({ rows, seconds }) {
  return inArena('redis', { latencyMs: 0, warmUp: 0, calls: rows }, async (arena) => {
    const { server, broker, folder, url, children } = arena;
    const file = await writeExport(rows, folder);
    const startedAt = performance.now();
    const child = startIssue(file, { folder, env: settingsFor({ folder, url }) });
    children.push(child);
    await server.begun;
    const begunAt = performance.now();
    const memory = [];
    while (memory.length < SAMPLES) {
      await sleep((seconds * 1000) / SAMPLES);
      if (hasEnded(child)) break;
      const { arrived } = await server.figures();
      memory.push({
        seconds: (performance.now() - begunAt) / 1000,
        calls: arrived,
        processBytes: residentBytesOf(child.pid),
        brokerBytes: await broker.usedBytes(),
      });
    }
    const { callsPerSecond } = await server.figures();
    const last = memory.at(-1);
    return {
      rows,
      firstCallSeconds: (begunAt - startedAt) / 1000,
      // Of the whole campaign where it has ended.
      rowsPerSecond: callsPerSecond ?? last.calls / last.seconds,
      memory,
    };
  });
}
