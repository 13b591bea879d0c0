/** Decodes the body of an answer. Gateways compress answers whose caller did not ask for it. */

import { promisify } from 'node:util';
import {
  brotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  gunzip,
  inflate,
} from 'node:zlib';
import type { Transform } from 'node:stream';

/** A second layer is legal but unknown in practice, and would multiply the size that a small body may expand to. */
const codings = {
  gzip: { decode: promisify(gunzip), stream: createGunzip },
  br: { decode: promisify(brotliDecompress), stream: createBrotliDecompress },
  deflate: { decode: promisify(inflate), stream: createInflate },
} as const;

/** Returns the coding named by a `Content-Encoding` header; undefined if the body is not encoded. */
export function codingOf(header: string | string[] | undefined): string | undefined {
  const name = String(header ?? '')
    .trim()
    .toLowerCase()
    .replace(/^x-/, '');
  return name === '' || name === 'identity' ? undefined : name;
}

export type DecodedBody = { ok: true; text: string } | { ok: false; reason: 'too-large' | 'unreadable' };

/** Returns a body as text without a byte order mark; `maxBytes` limits it after decompression. */
export async function decodeBody(
  body: Buffer,
  coding: string | undefined,
  maxBytes: number,
): Promise<DecodedBody> {
  if (coding === undefined) return { ok: true, text: textOf(body) };
  if (!isKnown(coding)) return { ok: false, reason: 'unreadable' };
  try {
    return { ok: true, text: textOf(await codings[coding].decode(body, { maxOutputLength: maxBytes })) };
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return { ok: false, reason: isTooLarge ? 'too-large' : 'unreadable' };
  }
}

/** Returns a stream that decodes a body of any length; undefined if the coding is unknown. */
export function decodingStream(coding: string): Transform | undefined {
  return isKnown(coding) ? codings[coding].stream() : undefined;
}

function isKnown(coding: string): coding is keyof typeof codings {
  return Object.hasOwn(codings, coding);
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
