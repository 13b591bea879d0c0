/** Assembles the sandbox and listens: both upstreams and the control API share one port. */

import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { monotonicClock, systemClock } from '../kit/clock.ts';
import { makeBloomreach } from './bloomreach.ts';
import { answer } from './call.ts';
import { makeCardEvents } from './card-events.ts';
import { CONTROL_PREFIX, makeControl } from './control.ts';
import { makeExchange } from './exchange.ts';
import { makeFaultInjection } from './fault-injection.ts';
import { makePassmachine } from './passmachine.ts';
import { type Sandbox, sandboxCredentials, sandboxExports, type SandboxOptions } from './sandbox.ts';
import { makeWitness, type WitnessEntry } from './witness.ts';

/** Must be longer than any client keeps an idle connection, so that none is closed while a call starts. */
const KEEP_ALIVE_MS = 120_000;

/** Starts listening; rejects if the port is in use. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { latencyMs = 0, jitterMs = 0, seed = 1, clockOffsetMs = 0 } = options;
  const clock = () => systemClock() + clockOffsetMs;
  const credentials = { ...sandboxCredentials, ...options.credentials };

  const injection = makeFaultInjection({
    limits: { passmachine: options.rateLimit, bloomreach: options.bloomreachRateLimit },
    latency: { latencyMs, jitterMs },
    seed,
    clock: monotonicClock,
  });
  for (const rule of options.faults ?? []) injection.faults.add(rule);

  const file = options.witnessFile === undefined ? undefined : openWitnessFile(options.witnessFile);
  const witness = makeWitness({
    keep: options.keepCalls ?? 1_000_000,
    ...(file !== undefined && { onClosed: file.append }),
  });

  const server = createServer();
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const origin = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');

  const linkTo = (passId: string) => `${origin}${CONTROL_PREFIX}passes/${passId}`;
  const events = makeCardEvents({ ...credentials, linkTo });
  events.sendTo(options.eventTarget);
  const passmachine = makePassmachine(
    {
      ...credentials,
      tokenLifeSeconds: options.tokenLifeSeconds ?? 3600,
      tokenShape: options.tokenShape ?? 'json',
      envelope: options.envelope ?? 'data',
      templates: options.templates,
      refuseTokens: options.refuseTokens === true,
      passIds: options.passIds ?? 'uuid',
      onCreated: events.created,
      linkTo,
    },
    clock,
  );
  const bloomreach = makeBloomreach(
    {
      ...credentials,
      refusal: injection.refusal,
      onProperties: witness.recordProperties,
      importAuthorization: options.importAuthorization,
      exports: { ...sandboxExports, ...options.exports },
      forbidden: options.forbidden ?? [],
    },
    clock,
  );
  const exchange = makeExchange({
    witness,
    customerOf: (route, call) =>
      route.side === 'passmachine' && route.kind !== 'unknown'
        ? passmachine.customerOf(route, call)
        : undefined,
    faults: injection,
    clock,
    answer(route, call) {
      if (route.kind === 'unknown') return answer(404, { message: 'Not found' });
      return route.side === 'passmachine' ? passmachine.answer(route, call) : bloomreach.answer(route, call);
    },
  });

  const sandbox: Sandbox = {
    passmachineUrl: origin,
    bloomreachUrl: origin,
    credentials,
    witness,
    passes: passmachine.passes,
    customers: bloomreach.customers,
    imports: bloomreach.imports,
    events,
    faults: injection.faults,
    setLatency: injection.setLatency,
    setOutage: injection.setOutage,
    revokeTokens: passmachine.revokeTokens,
    reset() {
      passmachine.reset();
      events.clear();
      bloomreach.reset();
      witness.reset();
      injection.clear();
    },
    async close() {
      if (!server.listening) return;
      events.stop();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      file?.close();
    },
  };

  const control = makeControl(sandbox);
  server.on('request', (request, response) => {
    if (request.url?.startsWith(CONTROL_PREFIX) === true) control(request, response);
    else exchange(request, response);
  });
  return sandbox;
}

/** Resolves with the URL of the server for clients on this machine. */
async function listen(server: Server, port: number, host: string): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${address.port}`;
}

/**
 * Opens the witness log on disk: one JSON line per call, written as soon as the call is over, so that it survives the
 * kill of any process. Only the calls still open when the sandbox is killed are missing.
 */
function openWitnessFile(path: string) {
  let file: number | undefined = openSync(path, 'a');
  return {
    append(entry: WitnessEntry): void {
      if (file !== undefined) writeSync(file, `${JSON.stringify(entry)}\n`);
    },
    close(): void {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
