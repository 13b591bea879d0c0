/** How an answer leaves the sandbox: whole, slowly, or only its first part. */

import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sleep } from '../kit/clock.ts';
import type { Answer } from './call.ts';

/** `hang` and `cut` promise all of it and send the first part; then nothing comes, or the connection ends. */
export type Manner = 'whole' | 'slow' | 'hang' | 'cut';

/** A slow answer comes in so many slices of each piece, so far apart. */
const SLICES = 10;
const PAUSE_MS = 5;

/** Begins to send; a caller that hangs up ends it. */
export function deliver(response: ServerResponse, given: Answer, manner: Manner): void {
  const { status, text, pieces, contentType = 'application/json' } = given;
  response.writeHead(status, {
    'content-type': contentType,
    // Without a length it is sent in chunks.
    ...(pieces === undefined && { 'content-length': Buffer.byteLength(text) }),
  });
  if (pieces === undefined && manner === 'whole') response.end(text);
  else void stream(response, pieces ?? [text], manner);
}

async function stream(response: ServerResponse, pieces: Iterable<string>, manner: Manner): Promise<void> {
  const whole = manner === 'whole' || manner === 'slow';
  const part = whole ? pieces : firstPart(pieces);
  const source = Readable.from(manner === 'slow' ? slowly(part) : part);
  // The caller is gone: nobody is left to tell.
  await pipeline(source, response, { end: whole }).catch(() => {});
  if (manner === 'cut') response.socket?.destroySoon();
}

/** The same answer, but only the first part of it, and nothing shows that there was more. */
export function truncated({ text, pieces, ...given }: Answer): Answer {
  if (pieces !== undefined) return { ...given, text, pieces: firstPart(pieces) };
  return { ...given, text: text.slice(0, text.length / 2) };
}

/** A piece and a half, or half of the only one. */
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

async function* slowly(pieces: Iterable<string>): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    const bytes = Buffer.from(piece);
    const size = Math.ceil(bytes.length / SLICES);
    for (let at = 0; at < bytes.length; at += size) {
      yield bytes.subarray(at, at + size);
      await sleep(PAUSE_MS);
    }
  }
}
