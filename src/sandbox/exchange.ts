/**
 * One request from its headers to its end: what is due to go wrong is decided when its body is in,
 * and it is carried out after the latency, whether or not the caller still waits, as a real server would.
 */

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Clock } from '../kit/clock.ts';
import { type Answer, answer, type Call, type CallKind, parseJson, type Side } from './call.ts';
import { truncated, deliver, type Manner } from './delivery.ts';
import { type Fault, faultName } from './fault-rule.ts';
import { type Route, routeOf } from './route.ts';
import type { Effect, WitnessStand } from './witness.ts';

export interface ExchangeParts {
  witness: WitnessStand;
  /** Whom it is about, as far as the call says. */
  customerOf: (route: Route, call: Call) => string | undefined;
  /** What is to go wrong with it: an outage, the rate limit, or a scripted fault. */
  fault: (
    side: Side,
    kind: CallKind | 'unknown',
    customer: string | undefined,
    body: string,
  ) => Fault | undefined;
  latencyMs: (side: Side) => number;
  /** What the `Date` of an answer is told by. */
  clock: Clock;
  /** Lets the upstream act. */
  answer: (route: Route, call: Call) => Answer;
}

/** Serves one request; never throws, never rejects. */
export function makeExchange({
  witness,
  customerOf,
  fault: faultOf,
  latencyMs,
  clock,
  answer: act,
}: ExchangeParts) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const route = routeOf(request.method ?? '', request.url ?? '/');
    const entry = witness.arrive(route.side, route.kind);
    const leave = () => witness.leave(entry);
    // A caller that hangs up is seen here first: it must not count beside the call it makes next.
    request.socket.once('end', leave);
    response.once('close', () => {
      request.socket.off('end', leave);
      if (!request.complete) witness.settle(entry, { applied: false });
      leave();
    });
    // Theirs carry one, too; this one leads to the witness log.
    if (route.side === 'bloomreach') response.setHeader('x-request-id', `sandbox-${entry.seq}`);

    readBody(request, (text, bytes) => {
      const call: Call = { headers: request.headers, text, bytes, json: parseJson(text) };
      const customer = customerOf(route, call);
      const fault = faultOf(route.side, route.kind, customer, text);
      const carryOut = () => {
        response.setHeader('date', new Date(clock()).toUTCString());
        const effect = applyFault(response, fault, route.side, () => act(route, call));
        witness.settle(entry, {
          ...effect,
          customer,
          passId: route.kind === 'patch' ? route.passId : effect.passId,
          fault: fault === undefined ? undefined : faultName(fault),
          asked: route.kind === 'export' ? call.json : undefined,
        });
      };
      const delay = latencyMs(route.side);
      if (delay > 0) setTimeout(carryOut, delay);
      else carryOut();
    });
  };
}

/** Answers, or does what the fault says instead. */
function applyFault(
  response: ServerResponse,
  fault: Fault | undefined,
  side: Side,
  act: () => Answer,
): Effect {
  switch (fault) {
    case undefined:
    case 200:
      return send(response, act());
    case 'hang-before':
      return { applied: false };
    case 'hang-after':
      return silently(act());
    case 'reset-before':
      response.socket?.resetAndDestroy();
      return { applied: false };
    case 'reset-after': {
      const effect = silently(act());
      response.socket?.resetAndDestroy();
      return effect;
    }
    case 'hang-midway':
      return send(response, act(), 'hang');
    case 'cut-midway':
      return send(response, act(), 'cut');
    case 'slow':
      return send(response, act(), 'slow');
    case 'broken-json':
      return send(response, broken(act()));
    default: {
      if (typeof fault === 'number') return send(response, refusal(side, fault));
      if ('refuse' in fault) throw new Error('a whole call cannot be refused as a command');
      response.setHeader('retry-after', fault.retryAfter);
      return send(response, refusal(side, fault.status));
    }
  }
}

function send(response: ServerResponse, given: Answer, manner: Manner = 'whole'): Effect {
  deliver(response, given, manner);
  return { ...silently(given), status: given.status };
}

/** Without a status, since none was answered. */
function silently({ applied, passId, commands, refused }: Answer): Effect {
  return { applied, passId, commands, refused };
}

function broken(given: Answer): Answer {
  return given.status < 300 ? truncated(given) : given;
}

function refusal(side: Side, status: number): Answer {
  const message = STATUS_CODES[status] ?? 'Error';
  return answer(status, side === 'passmachine' ? { message } : { success: false, error: message });
}

function readBody(request: IncomingMessage, done: (text: string, bytes: number) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    const body = Buffer.concat(chunks);
    done(body.toString(), body.length);
  });
}
