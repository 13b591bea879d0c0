/** Stopping takes the calls in flight and about two seconds with any connection open, and no call begins after it. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { sleep } from '../../src/kit/clock.ts';
import { campaignIdIn, makeWorkspace, printed, type Running } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

/** What strangers send and then fall silent. */
const halves = {
  'no byte': '',
  'half a header': 'POST /webhooks/bloomreach/loyalty/create HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Ty',
  'half a body':
    'POST /webhooks/bloomreach/loyalty/create HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"customer_ids',
};

const MAX_IN_FLIGHT = 10;
/** The calls in flight, and two seconds. */
const EXIT_WITHIN_MS = 3000;
/** A busy machine needs longer to stop a process, as it does to start one. */
const STARTS = 5;

/** Starts a process, and returns the time (ms) until it printed the pattern. */
async function timedStart(running: Running, pattern: RegExp): Promise<number> {
  const startedAt = performance.now();
  await printed(running, pattern);
  return performance.now() - startedAt;
}

/** Opens connections of all kinds that never end on their own, an event stream among them. */
async function occupy(port: number): Promise<Socket[]> {
  const sockets = [
    ...Object.values(halves),
    'GET /live?topics=/campaigns HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  ].map((bytes) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    socket.write(bytes);
    onTestFinished(() => void socket.destroy());
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

/** Sends signals and returns the exit code; undefined if the process has not ended in time. `startMs`: how long it took to start. */
async function endBy(
  running: Running,
  startMs: number,
  ...signals: NodeJS.Signals[]
): Promise<number | null | undefined> {
  for (const signal of signals) {
    running.child.kill(signal);
    await sleep(200);
  }
  const late = sleep(EXIT_WITHIN_MS + STARTS * startMs).then(() => undefined);
  return (await Promise.race([running.ended, late]))?.code;
}

it.each<[string, NodeJS.Signals[]]>([
  ['SIGTERM', ['SIGTERM']],
  ['SIGHUP, as from a closed terminal', ['SIGHUP']],
  ['a second SIGTERM and SIGHUP', ['SIGTERM', 'SIGTERM', 'SIGHUP']],
  ['one Ctrl-C', ['SIGINT']],
])('%s in mid-campaign loses no result, with silent connections on every port', async (_name, signals) => {
  const { start, run, write, sandbox } = await makeWorkspace({ latencyMs: 500 });
  await write('export.csv', goodCustomers(150));
  const [port, metricsPort] = [await freePort(), await freePort()];
  const id = campaignIdIn((await run(['issue', 'loyalty', 'export.csv', '--detach'])).stdout);
  const up = start(['up'], { PORT: String(port), METRICS_PORT: String(metricsPort) });
  const startMs = await timedStart(up, /http/);
  const strangers = [...(await occupy(port)), ...(await occupy(metricsPort))];
  await eventually(() => expect(sandbox.witness.count('create')).toBeGreaterThan(2 * MAX_IN_FLIGHT));

  expect(strangers.filter(({ destroyed }) => destroyed)).toEqual([]);

  const signaledAt = sandbox.witness.now();
  expect(await endBy(up, startMs, ...signals), up.stderr()).toBe(0);
  // The calls that were on their way when the process received the signal.
  const later = sandbox.witness.entries().filter(({ kind, at }) => kind === 'create' && at > signaledAt);
  expect(later.length).toBeLessThanOrEqual(MAX_IN_FLIGHT);
  const { campaigns } = JSON.parse((await run(['status', id, '--json'])).stdout) as {
    campaigns: { done: number; unknown: number; pending: number }[];
  };
  expect(campaigns).toEqual([expect.objectContaining({ unknown: 0, done: sandbox.passes.size })]);
  expect(campaigns[0]?.pending).toBeGreaterThan(0);
});

it('a second Ctrl-C stops at once and says what that costs', async () => {
  const { start, run, write, sandbox } = await makeWorkspace({ latencyMs: 5000 });
  await write('export.csv', goodCustomers(20));
  await run(['issue', 'loyalty', 'export.csv', '--detach']);
  const up = start(['up', '--role', 'worker']);
  const feeder = start(['up', '--role', 'feeder']);
  await Promise.all([printed(up, /up as/), printed(feeder, /up as/)]);
  await eventually(() => expect(sandbox.witness.count('create')).toBeGreaterThan(0));
  up.child.kill('SIGINT');
  await eventually(() => expect(up.stderr()).toContain('Finishing the calls in flight'));
  // npm sends the first one twice.
  await sleep(600);
  up.child.kill('SIGINT');
  const { code, stderr } = await up.ended;
  expect([code, stderr]).toEqual([130, expect.stringContaining('in flight end unknown')]);
});

it('stops while it waits for Redis', async () => {
  const { start } = await makeWorkspace();
  const up = start(['up'], { REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  const startedAt = performance.now();
  await eventually(() => expect(up.stderr()).toContain('Waiting for Redis'));
  expect(await endBy(up, performance.now() - startedAt, 'SIGTERM')).toBe(0);
});
