import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { S3Place } from '../../../src/domain/campaigns/source-definition.ts';
import { openFileStore } from '../../../src/sources/remote/open-file-store.ts';
import type { StoreError } from '../../../src/sources/remote/store-error.ts';
import { type FarPlace, openS3Place } from './places.ts';
import { refusalOf } from './refusal.ts';

let place: FarPlace<S3Place>;

beforeAll(async () => {
  place = await openS3Place();
  await place.put('segment.csv', 'registered\n');
});

afterEach(() => place.line.mend());

afterAll(() => place.close());

const SECRET = 'a-secret-access-key-that-nobody-may-see';

/** A handshake takes its time where other tests run beside it. */
const ANSWER_MS = 2500;

/** Lists with a location that differs in this. */
async function list(change: Partial<S3Place>): Promise<string[]> {
  const store = await openFileStore({ ...place.location, ...change }, { answerMs: ANSWER_MS });
  try {
    return (await store.list()).map(({ name }) => name);
  } finally {
    await store.close();
  }
}

describe('a bucket', () => {
  it('is listed below its prefix alone, however that is written', async () => {
    expect(await list({ prefix: 'daily/' })).toEqual(['segment.csv']);
    expect(await list({ prefix: 'daily' })).toEqual(['segment.csv']);
    expect(await list({ prefix: '' })).toEqual([]);
    expect(await list({ prefix: 'dai' })).toEqual([]);
  });

  it.each<[string, Partial<S3Place>, Partial<StoreError>]>([
    ['of another name', { bucket: 'no-such-bucket' }, { code: 'STORE_NOT_FOUND', repeat: false }],
    [
      'and an unknown key',
      { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: SECRET },
      { code: 'STORE_KEY_REFUSED', repeat: false },
    ],
    ['that nobody serves', { endpoint: 'http://127.0.0.1:1' }, { code: 'STORE_UNREACHABLE', repeat: true }],
    [
      'at an unknown host',
      { endpoint: 'http://no-such-host.invalid' },
      { code: 'STORE_UNREACHABLE', repeat: true },
    ],
  ])('%s is refused', async (_what, change, expected) => {
    const error = await refusalOf(list(change), [SECRET]);
    expect(error).toMatchObject(expected);
    expect(error.message).toMatch(/^s3:\/\/[\w-]+\/daily\/ at [\w.:-]+: /);
  });

  it('that is served by nobody who answers is refused', async () => {
    place.line.holdAfter(0);
    expect(await refusalOf(list({}))).toMatchObject({ code: 'STORE_STALLED', repeat: true });
  });

  it('whose connection breaks is refused', async () => {
    place.line.cutAfter(50);
    expect(await refusalOf(list({}))).toMatchObject({ code: 'STORE_UNREACHABLE', repeat: true });
  });

  // As S3 words them: the server of these tests knows no rights, checks no signatures and is never busy.
  it.each([
    [403, 'SignatureDoesNotMatch', 'STORE_KEY_REFUSED', false],
    [403, 'AccessDenied', 'STORE_FORBIDDEN', false],
    [403, 'RequestTimeTooSkewed', 'STORE_KEY_REFUSED', false],
    [301, 'PermanentRedirect', 'STORE_NOT_FOUND', false],
    [503, 'SlowDown', 'STORE_BUSY', true],
    [500, 'InternalError', 'STORE_BUSY', true],
    [400, 'AuthorizationHeaderMalformed', 'STORE_REFUSED', false],
  ])('whose storage answers %i %s', async (status, name, code, repeat) => {
    const storage = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<?xml version="1.0"?><Error><Code>${name}</Code><Message>No.</Message></Error>`);
    });
    await new Promise<void>((resolve) => {
      storage.listen(0, '127.0.0.1', resolve);
    });
    const { port } = storage.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const error = await refusalOf(list({ endpoint, secretAccessKey: SECRET }), [SECRET]);
    expect(error).toMatchObject({ code, repeat });
    expect(error.message).toContain(`(${name}, ${status})`);
    storage.close();
  });
});
