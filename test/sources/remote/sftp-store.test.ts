import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SftpPlace } from '../../../src/domain/campaigns/source-definition.ts';
import { openFileStore } from '../../../src/sources/remote/open-file-store.ts';
import type { StoreError } from '../../../src/sources/remote/store-error.ts';
import { eventually } from '../../support/eventually.ts';
import { fingerprintOfKey, openSftpPlace, SFTP_PASSWORD, type SftpTestPlace } from './places.ts';
import { refusalOf } from './refusal.ts';
import { makeKeys, openSftpServer } from './sftp-server.ts';

let place: SftpTestPlace;

beforeAll(async () => {
  place = await openSftpPlace();
  await place.put('segment.csv', 'registered\n');
});

afterEach(() => place.line.mend());

afterAll(() => place.close());

/** A handshake takes its time where other tests run beside it. */
const ANSWER_MS = 2500;

/** Lists with a location that differs in this. */
async function list(change: Partial<SftpPlace>): Promise<string[]> {
  const store = await openFileStore({ ...place.location, ...change }, { answerMs: ANSWER_MS });
  try {
    return (await store.list()).map(({ name }) => name);
  } finally {
    await store.close();
  }
}

/** The same by password. */
function listByPassword(password: string): Promise<string[]> {
  return list({ password });
}

function secretLines(key: string): string[] {
  return key.split('\n').filter((line) => line.length > 20 && !line.includes('-----'));
}

describe('logging in to an SFTP server', () => {
  it('works by key and by password', async () => {
    expect(await list({})).toEqual(['segment.csv']);
    expect(await listByPassword(SFTP_PASSWORD)).toEqual(['segment.csv']);
  });

  it('refuses a key that the server does not know', async () => {
    const { private: privateKey } = makeKeys();
    const error = await refusalOf(list({ privateKey }), secretLines(privateKey));
    expect(error).toMatchObject({ code: 'STORE_KEY_REFUSED', repeat: false });
    expect(error.message).toContain(`sftp://bridge@127.0.0.1:${place.line.port}/.: the login was refused`);
  });

  it('refuses a wrong password without telling it', async () => {
    const error = await refusalOf(listByPassword('hunter-two'), ['hunter-two']);
    expect(error).toMatchObject({ code: 'STORE_KEY_REFUSED', repeat: false });
  });

  it('refuses a private key that cannot be read without quoting it', async () => {
    const privateKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0LXNlY3JldC1zZWNyZXQ=\n';
    const error = await refusalOf(list({ privateKey }), ['c2VjcmV0']);
    expect(error.code).toBe('STORE_KEY_REFUSED');
  });

  it('knows a server by its key of another kind', async () => {
    expect(await list({ hostKey: place.otherHostKey })).toEqual(['segment.csv']);
    const { private: privateKey } = makeKeys();
    const error = await refusalOf(list({ hostKey: place.otherHostKey, privateKey }));
    expect(error.code).toBe('STORE_KEY_REFUSED');
  });

  it('refuses a server with another host key than the pinned one, and shows both', async () => {
    const pinned = fingerprintOfKey(makeKeys().public);
    const error = await refusalOf(list({ hostKey: pinned }), secretLines(place.location.privateKey));
    expect(error).toMatchObject({ code: 'STORE_HOST_KEY_CHANGED', repeat: false });
    expect(error.message).toContain(
      `(it showed ${place.location.hostKey} (ssh-ed25519), ${place.otherHostKey} (ecdsa-sha2-nistp256), pinned is ${pinned})`,
    );
    expect(error.message).toContain('Pin the new one (hostKey) only if it was');
  });
});

it('an SFTP server that no longer answers ends an upload', async () => {
  const store = await openFileStore(place.location, { answerMs: ANSWER_MS });
  // Some 100 MB, so that there is time to hold it up.
  const upload = refusalOf(store.write('results.csv', process.execPath));
  await eventually(async () => expect(await list({})).toContain('.results.csv.part'));
  place.line.holdAfter(0);
  expect(await upload).toMatchObject({ code: 'STORE_STALLED', repeat: true });
  place.line.mend();
  expect(await list({})).not.toContain('results.csv');
  await place.clear();
  await place.put('segment.csv', 'registered\n');
  await store.close();
});

describe('an SFTP server that cannot be used', () => {
  it.each<[string, Partial<SftpPlace>, Partial<StoreError>]>([
    ['lacks the folder', { path: 'no-such-folder' }, { code: 'STORE_NOT_FOUND', repeat: false }],
    ['forbids the folder', { path: 'locked' }, { code: 'STORE_FORBIDDEN', repeat: false }],
    ['has no address', { host: 'no-such-host.invalid' }, { code: 'STORE_UNREACHABLE', repeat: true }],
    ['does not listen', { port: 1 }, { code: 'STORE_UNREACHABLE', repeat: true }],
  ])('%s', async (_what, change, expected) => {
    expect(await refusalOf(list(change))).toMatchObject(expected);
  });

  it('takes the connection and says nothing', async () => {
    place.line.holdAfter(0);
    expect(await refusalOf(list({}))).toMatchObject({ code: 'STORE_STALLED', repeat: true });
  });

  it('breaks the connection off', async () => {
    place.line.cutAfter(100);
    expect(await refusalOf(list({}))).toMatchObject({ code: 'STORE_UNREACHABLE', repeat: true });
  });

  it.each([
    ['refused', 'STORE_FORBIDDEN'],
    ['never answered', 'STORE_STALLED'],
  ] as const)('lets the user in, but SFTP is %s', async (sftp, code) => {
    const hostKey = makeKeys();
    const server = await openSftpServer({
      folder: '.',
      hostKeys: [hostKey.private],
      username: 'bridge',
      password: 'known',
      sftp,
    });
    const there = { port: server.port, hostKey: fingerprintOfKey(hostKey.public), password: 'known' };
    expect(await refusalOf(list(there))).toMatchObject({ code });
    await server.close();
  });

  it('is no SSH server', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => {
      web.listen(0, '127.0.0.1', resolve);
    });
    const { port } = web.address() as AddressInfo;
    expect(await refusalOf(list({ port }))).toMatchObject({ code: 'STORE_UNREACHABLE' });
    web.close();
  });
});
