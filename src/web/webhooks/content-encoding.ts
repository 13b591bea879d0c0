/** Decodes compressed bodies of webhook requests. */

import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

type Decode = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const inflateWrapped = promisify(inflate);
const inflateBare = promisify(inflateRaw);

const decoders: Readonly<Record<string, Decode>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  // RFC 9110 means zlib's format, but many senders leave its header out.
  deflate: (bytes, options) => inflateWrapped(bytes, options).catch(() => inflateBare(bytes, options)),
  identity: async (bytes) => bytes,
};

/** More are an attack. */
const MAX_ENCODINGS = 2;

/** The request cannot be decoded; `statusCode` marks it as the sender's mistake. */
class UndecodableBody extends Error {
  readonly statusCode = 422;
}

/** Decodes a body by its `Content-Encoding`. Rejects if that is unknown, wrong, or if the body is then too large. */
export async function decodeBody(bytes: Buffer, header = '', maxBytes: number): Promise<Buffer> {
  const encodings = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (bytes.length === 0 || encodings.length === 0) return bytes;
  const unknown = encodings.find((name) => !Object.hasOwn(decoders, name));
  if (unknown !== undefined || encodings.length > MAX_ENCODINGS) {
    throw new UndecodableBody('the Content-Encoding is not supported; use gzip, br or deflate, or none');
  }
  try {
    let decoded = bytes;
    // They are listed in the order in which they were applied.
    for (const name of encodings.toReversed()) {
      decoded = (await decoders[name]?.(decoded, { maxOutputLength: maxBytes })) ?? decoded;
    }
    return decoded;
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw new UndecodableBody(
      isTooLarge
        ? `the body is larger than ${maxBytes} bytes when it is decompressed`
        : `the body is not ${encodings.join(', ')} as its Content-Encoding says`,
    );
  }
}
