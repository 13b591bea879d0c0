/**
 * Measures how the size of a campaign affects it: time from the start of `passbridge issue` to the first call, rows
 * per second, and the memory of the process and of Redis over time.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { hasExited } from './child.mjs';
import { settingsFor, startIssue, writeExport } from './contestants/passbridge.mjs';
import { residentBytesOf } from './proc.mjs';
import { withTestbed } from './testbed.mjs';

const SAMPLES = 6;

/** Observes a campaign of `rows` rows until it ends, or for `seconds` seconds from its first call. */
export function measureFeed({ rows, seconds }) {
  return withTestbed('redis', { latencyMs: 0, warmUp: 0, calls: rows }, async (testbed) => {
    const { server, broker, folder, url, children } = testbed;
    const file = await writeExport(rows, folder);
    const startedAt = performance.now();
    const child = startIssue(file, { folder, env: settingsFor({ folder, url }) });
    children.push(child);
    await server.started;
    const firstCallAt = performance.now();
    const memory = [];
    while (memory.length < SAMPLES) {
      await sleep((seconds * 1000) / SAMPLES);
      if (hasExited(child)) break;
      const { arrived } = await server.figures();
      memory.push({
        seconds: (performance.now() - firstCallAt) / 1000,
        calls: arrived,
        processBytes: residentBytesOf(child.pid),
        brokerBytes: (await broker?.usedBytes?.()) ?? 0,
      });
    }
    const { callsPerSecond } = await server.figures();
    const last = memory.at(-1);
    return {
      rows,
      firstCallSeconds: (firstCallAt - startedAt) / 1000,
      // Over the whole campaign if it has ended.
      rowsPerSecond: callsPerSecond ?? (last === undefined ? 0 : last.calls / last.seconds),
      memory,
    };
  });
}
