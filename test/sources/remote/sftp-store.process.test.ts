import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SftpLocation } from '../../../src/domain/campaigns/source-definition.ts';
import { openFileStore } from '../../../src/sources/remote/open-file-store.ts';
import type { StoreError } from '../../../src/sources/remote/store-error.ts';
import { fingerprintOfKey, openTestSftp, SFTP_PASSWORD, type TestSftp } from './test-locations.ts';
import { refusalOf } from './refusal.ts';
import { makeKeys, openSftpServer } from './sftp-server.ts';

let remote: TestSftp;

beforeAll(async () => {
  remote = await openTestSftp();
  await remote.put('segment.csv', 'registered\n');
});

afterEach(() => remote.line.reset());

afterAll(() => remote.close());

/** Handshakes are slow if other tests run at the same time. */
const TIMEOUT_MS = 2500;

/** Lists the test location with some properties changed. */
async function list(change: Partial<SftpLocation>): Promise<string[]> {
  const store = await openFileStore({ ...remote.location, ...change }, { timeoutMs: TIMEOUT_MS });
  try {
    return (await store.list()).map(({ name }) => name);
  } finally {
    await store.close();
  }
}

function listByPassword(password: string): Promise<string[]> {
  return list({ password });
}

function secretLines(key: string): string[] {
  return key.split('\n').filter((line) => line.length > 20 && !line.includes('-----'));
}

describe('logging in to an SFTP server', () => {
  it('works with a key and with a password', async () => {
    expect(await list({})).toEqual(['segment.csv']);
    expect(await listByPassword(SFTP_PASSWORD)).toEqual(['segment.csv']);
  });

  it('fails with an unknown key', async () => {
    const { private: privateKey } = makeKeys();
    const error = await refusalOf(list({ privateKey }), secretLines(privateKey));
    expect(error).toMatchObject({ code: 'STORE_KEY_REFUSED', retryable: false });
    expect(error.message).toContain(`sftp://bridge@127.0.0.1:${remote.line.port}/.: the login was refused`);
  });

  it('fails with a wrong password without revealing it', async () => {
    const error = await refusalOf(listByPassword('hunter-two'), ['hunter-two']);
    expect(error).toMatchObject({ code: 'STORE_KEY_REFUSED', retryable: false });
  });

  it('fails with an invalid private key without quoting it', async () => {
    const privateKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0LXNlY3JldC1zZWNyZXQ=\n';
    const error = await refusalOf(list({ privateKey }), ['c2VjcmV0']);
    expect(error.code).toBe('STORE_KEY_REFUSED');
  });

  it('accepts a server by its key of another type', async () => {
    expect(await list({ hostKey: remote.otherHostKey })).toEqual(['segment.csv']);
    const { private: privateKey } = makeKeys();
    const error = await refusalOf(list({ hostKey: remote.otherHostKey, privateKey }));
    expect(error.code).toBe('STORE_KEY_REFUSED');
  });

  it('refuses a server with another host key than the pinned one, and reports both', async () => {
    const pinned = fingerprintOfKey(makeKeys().public);
    const error = await refusalOf(list({ hostKey: pinned }), secretLines(remote.location.privateKey));
    expect(error).toMatchObject({ code: 'STORE_HOST_KEY_CHANGED', retryable: false });
    expect(error.message).toContain(
      `(it presented ${remote.location.hostKey} (ssh-ed25519), ${remote.otherHostKey} (ecdsa-sha2-nistp256); pinned is ${pinned})`,
    );
    expect(error.message).toContain('Pin the new one (hostKey) only if it was');
  });
});

describe('an SFTP server that cannot be used', () => {
  it.each<[string, Partial<SftpLocation>, Partial<StoreError>]>([
    ['does not have the folder', { path: 'no-such-folder' }, { code: 'STORE_NOT_FOUND', retryable: false }],
    ['forbids the folder', { path: 'locked' }, { code: 'STORE_FORBIDDEN', retryable: false }],
    ['has no address', { host: 'no-such-host.invalid' }, { code: 'STORE_UNREACHABLE', retryable: true }],
    ['does not listen', { port: 1 }, { code: 'STORE_UNREACHABLE', retryable: true }],
  ])('%s', async (_what, change, expected) => {
    expect(await refusalOf(list(change))).toMatchObject(expected);
  });

  it('accepts the connection and does not respond', async () => {
    remote.line.holdAfter(0);
    expect(await refusalOf(list({}))).toMatchObject({ code: 'STORE_STALLED', retryable: true });
  });

  it('drops the connection', async () => {
    remote.line.cutAfter(100);
    expect(await refusalOf(list({}))).toMatchObject({ code: 'STORE_UNREACHABLE', retryable: true });
  });

  it.each([
    ['refused', 'STORE_FORBIDDEN'],
    ['never answered', 'STORE_STALLED'],
  ] as const)('accepts the login, but SFTP is %s', async (sftp, code) => {
    const hostKey = makeKeys();
    const server = await openSftpServer({
      folder: '.',
      hostKeys: [hostKey.private],
      username: 'bridge',
      password: 'known',
      sftp,
    });
    const change = { port: server.port, hostKey: fingerprintOfKey(hostKey.public), password: 'known' };
    expect(await refusalOf(list(change))).toMatchObject({ code });
    await server.close();
  });

  it('is not an SSH server', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => {
      web.listen(0, '127.0.0.1', resolve);
    });
    const { port } = web.address() as AddressInfo;
    expect(await refusalOf(list({ port }))).toMatchObject({ code: 'STORE_UNREACHABLE' });
    web.close();
  });
});
