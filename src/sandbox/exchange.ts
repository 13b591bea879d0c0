/**
 * Handles one request: decides what goes wrong with it once its body is complete, and processes it after the latency,
 * whether or not the caller still waits, as a real server would.
 */

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Clock, sleep } from '../kit/clock.ts';
import { type Answer, answer, type Call, parseJson, type Route, routeOf, type Side } from './call.ts';
import type { FaultInjection } from './fault-injection.ts';
import { type Fault, faultName } from './fault-rule.ts';
import type { Effect, WitnessRecorder } from './witness.ts';

export interface ExchangeDeps {
  witness: WitnessRecorder;
  /** Returns the customer that a call is about, if the call says so. */
  customerOf: (route: Route, call: Call) => string | undefined;
  faults: Pick<FaultInjection, 'fault' | 'latencyMs'>;
  /** For the `Date` header of answers. */
  clock: Clock;
  /** Lets the upstream process the call. */
  answer: (route: Route, call: Call) => Answer;
}

/** Returns a request handler, which must not throw or reject: the server has no handler for it. */
export function makeExchange({ witness, customerOf, faults, clock, answer: handleCall }: ExchangeDeps) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const route = routeOf(request.method ?? '', request.url ?? '/');
    const entry = witness.arrive(route.side, route.kind);
    const leave = () => witness.leave(entry);
    // The end of the socket is the first sign that the caller hung up: this call must not count in flight together
    // with the next one.
    request.socket.once('end', leave);
    response.once('close', () => {
      request.socket.off('end', leave);
      if (!request.complete) witness.settle(entry, { applied: false });
      leave();
    });
    // Bloomreach sends one, too. This one refers to the entry in the witness log.
    if (route.side === 'bloomreach') response.setHeader('x-request-id', `sandbox-${entry.seq}`);

    readBody(request, (text, bytes) => {
      const call: Call = { headers: request.headers, text, bytes, json: parseJson(text) };
      const customer = customerOf(route, call);
      const fault = faults.fault(route.side, route.kind, customer, text);
      const respond = () => {
        response.setHeader('date', new Date(clock()).toUTCString());
        const effect = applyFault(response, fault, route.side, () => handleCall(route, call));
        witness.settle(entry, {
          ...effect,
          customer,
          passId: route.kind === 'patch' ? route.passId : effect.passId,
          fault: fault === undefined ? undefined : faultName(fault),
          requestBody: route.kind === 'export' ? call.json : undefined,
        });
      };
      const delay = faults.latencyMs(route.side);
      if (delay > 0) setTimeout(respond, delay);
      else respond();
    });
  };
}

/** Answers, or does what the fault says instead. */
function applyFault(
  response: ServerResponse,
  fault: Fault | undefined,
  side: Side,
  handle: () => Answer,
): Effect {
  switch (fault) {
    case undefined:
    case 200:
      return send(response, handle());
    case 'hang-before':
      return { applied: false };
    case 'hang-after':
      return effectOf(handle());
    case 'reset-before':
      response.socket?.resetAndDestroy();
      return { applied: false };
    case 'reset-after': {
      const effect = effectOf(handle());
      response.socket?.resetAndDestroy();
      return effect;
    }
    case 'hang-midway':
      return send(response, handle(), 'hang');
    case 'cut-midway':
      return send(response, handle(), 'cut');
    case 'slow':
      return send(response, handle(), 'slow');
    case 'broken-json':
      return send(response, unlessRefused(handle(), truncated));
    case 'truncated-2xx':
      return send(response, unlessRefused(handle(), withoutEnd));
    case '500-after':
    case '502-after':
    case '503-after':
      return send(response, instead(handle(), refusal(side, Number.parseInt(fault, 10))));
    case 'html-after':
      return send(response, instead(handle(), gatewayPage));
    default: {
      if (typeof fault === 'number') return send(response, refusal(side, fault));
      if ('refuse' in fault) throw new Error('a whole call cannot be refused as a command');
      response.setHeader('retry-after', fault.retryAfter);
      return send(response, refusal(side, fault.status));
    }
  }
}

function send(response: ServerResponse, given: Answer, delivery: Delivery = 'whole'): Effect {
  deliver(response, given, delivery);
  return { ...effectOf(given), status: given.status };
}

/** Without a status: no answer was sent. */
function effectOf({ applied, passId, commands, refused }: Answer): Effect {
  return { applied, passId, commands, refused };
}

/** Changes the answer of a call that was applied. */
function unlessRefused(given: Answer, change: (given: Answer) => Answer): Answer {
  return given.status < 300 ? change(given) : given;
}

/** Returns another answer to a call that was applied, with the effect of the call. */
function instead(given: Answer, { status, text, contentType }: OtherAnswer): Answer {
  return unlessRefused(given, ({ pieces: _pieces, contentType: _replaced, ...effect }) => ({
    ...effect,
    status,
    text,
    ...(contentType !== undefined && { contentType }),
  }));
}

type OtherAnswer = Pick<Answer, 'status' | 'text' | 'contentType'>;

/** A gateway's page in place of the server's answer. */
const gatewayPage: OtherAnswer = {
  status: 200,
  text: '<!doctype html><html><head><title>Bad gateway</title></head><body>Please try again later.</body></html>',
  contentType: 'text/html',
};

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

/** `hang` and `cut` announce the whole answer and send its first part; then nothing follows, or the connection closes. */
type Delivery = 'whole' | 'slow' | 'hang' | 'cut';

/** A slow answer is sent in this many slices of each piece, with pauses in between. */
const SLICES = 10;
const PAUSE_MS = 5;

/** Starts to send an answer; stops when the caller hangs up. */
function deliver(response: ServerResponse, given: Answer, delivery: Delivery): void {
  const { status, text, pieces, contentType = 'application/json' } = given;
  response.writeHead(status, {
    'content-type': contentType,
    // Without a length the answer is chunked.
    ...(pieces === undefined && { 'content-length': Buffer.byteLength(text) }),
  });
  if (pieces === undefined && delivery === 'whole') response.end(text);
  else void stream(response, pieces ?? [text], delivery);
}

async function stream(response: ServerResponse, pieces: Iterable<string>, delivery: Delivery): Promise<void> {
  const isWhole = delivery === 'whole' || delivery === 'slow';
  const part = isWhole ? pieces : firstPart(pieces);
  const source = Readable.from(delivery === 'slow' ? inSlices(part) : part);
  // An error means that the caller hung up.
  await pipeline(source, response, { end: isWhole }).catch(() => {});
  if (delivery === 'cut') response.socket?.destroySoon();
}

/** Returns the first part of an answer as if it were the whole. */
function truncated({ text, pieces, ...given }: Answer): Answer {
  if (pieces !== undefined) return { ...given, text, pieces: firstPart(pieces) };
  return { ...given, text: text.slice(0, text.length / 2) };
}

/** Returns an answer without its last character, as if it were the whole. */
function withoutEnd({ text, pieces, ...given }: Answer): Answer {
  const whole = pieces === undefined ? text : [...pieces].join('');
  return { ...given, text: whole.slice(0, -1) };
}

/** Yields a piece and a half, or half of the only one. */
function* firstPart(pieces: Iterable<string>): Generator<string> {
  let before: string | undefined;
  for (const piece of pieces) {
    if (before !== undefined) {
      yield before;
      yield piece.slice(0, piece.length / 2);
      return;
    }
    before = piece;
  }
  if (before !== undefined) yield before.slice(0, before.length / 2);
}

async function* inSlices(pieces: Iterable<string>): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    const bytes = Buffer.from(piece);
    const size = Math.ceil(bytes.length / SLICES);
    for (let at = 0; at < bytes.length; at += size) {
      yield bytes.subarray(at, at + size);
      await sleep(PAUSE_MS);
    }
  }
}
