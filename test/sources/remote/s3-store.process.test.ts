import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { S3Location } from '../../../src/domain/campaigns/source-definition.ts';
import { openFileStore } from '../../../src/sources/remote/open-file-store.ts';
import type { StoreError } from '../../../src/sources/remote/store-error.ts';
import { type NetworkLocation, openTestS3 } from './test-locations.ts';
import { refusalOf } from './refusal.ts';

let remote: NetworkLocation<S3Location>;

beforeAll(async () => {
  remote = await openTestS3();
  await remote.put('segment.csv', 'registered\n');
});

afterEach(() => remote.line.reset());

afterAll(() => remote.close());

const SECRET = 'a-secret-access-key';

/** Handshakes are slow if other tests run at the same time. */
const TIMEOUT_MS = 2500;

/** Lists the test location with some properties changed. */
async function list(change: Partial<S3Location>): Promise<string[]> {
  const store = await openFileStore({ ...remote.location, ...change }, { timeoutMs: TIMEOUT_MS });
  try {
    return (await store.list()).map(({ name }) => name);
  } finally {
    await store.close();
  }
}

describe('a bucket', () => {
  it('is listed below its prefix only, with or without a slash', async () => {
    expect(await list({ prefix: 'daily/' })).toEqual(['segment.csv']);
    expect(await list({ prefix: 'daily' })).toEqual(['segment.csv']);
    expect(await list({ prefix: '' })).toEqual([]);
    expect(await list({ prefix: 'dai' })).toEqual([]);
  });

  it.each<[string, Partial<S3Location>, Partial<StoreError>]>([
    ['that does not exist', { bucket: 'no-such-bucket' }, { code: 'STORE_NOT_FOUND', retryable: false }],
    [
      'and an unknown key',
      { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: SECRET },
      { code: 'STORE_KEY_REFUSED', retryable: false },
    ],
    ['on a closed port', { endpoint: 'http://127.0.0.1:1' }, { code: 'STORE_UNREACHABLE', retryable: true }],
    [
      'at an unknown host',
      { endpoint: 'http://no-such-host.invalid' },
      { code: 'STORE_UNREACHABLE', retryable: true },
    ],
  ])('%s is an error', async (_what, change, expected) => {
    const error = await refusalOf(list(change), [SECRET]);
    expect(error).toMatchObject(expected);
    expect(error.message).toMatch(/^s3:\/\/[\w-]+\/daily\/ at [\w.:-]+: /);
  });

  it('on a server that does not respond is an error', async () => {
    remote.line.holdAfter(0);
    expect(await refusalOf(list({}))).toMatchObject({ code: 'STORE_STALLED', retryable: true });
  });

  it('whose connection is lost is an error', async () => {
    remote.line.cutAfter(50);
    expect(await refusalOf(list({}))).toMatchObject({ code: 'STORE_UNREACHABLE', retryable: true });
  });

  // S3's own responses: the test server has no permissions, checks no signatures and is never busy.
  it.each([
    [403, 'SignatureDoesNotMatch', 'STORE_KEY_REFUSED', false],
    [403, 'AccessDenied', 'STORE_FORBIDDEN', false],
    [403, 'RequestTimeTooSkewed', 'STORE_KEY_REFUSED', false],
    [301, 'PermanentRedirect', 'STORE_NOT_FOUND', false],
    [503, 'SlowDown', 'STORE_BUSY', true],
    [500, 'InternalError', 'STORE_BUSY', true],
    [400, 'AuthorizationHeaderMalformed', 'STORE_REFUSED', false],
  ])('whose storage responds %i %s', async (status, name, code, retryable) => {
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
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(`(${name}, ${status})`);
    storage.close();
  });
});
