import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import {
  addressGroup,
  type Arrival,
  clientAddress,
  isLocalName,
  isThisMachine,
} from '../../src/web/client-address.ts';

const local: Arrival = { headers: { host: 'localhost:3000' }, from: '127.0.0.1', httpVersion: '1.1' };

describe('this machine', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('is %s', (from) => {
    expect(isThisMachine({ ...local, from })).toBe(true);
  });

  it.each(['10.0.0.7', '192.168.1.1', '::ffff:10.0.0.7', '2001:db8::1', '0.0.0.0', '', undefined])(
    'is not %s',
    (from) => {
      expect(isThisMachine({ ...local, from })).toBe(false);
    },
  );

  it.each([
    'forwarded',
    'via',
    'x-forwarded-for',
    'x-forwarded-proto',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-real-ip',
    'x-client-ip',
    'true-client-ip',
    'fastly-client-ip',
    'cf-connecting-ip',
    'cf-ray',
    'cdn-loop',
    'x-original-host',
    'x-original-forwarded-for',
    'x-envoy-external-address',
    'x-amzn-trace-id',
    'x-azure-clientip',
    'x-arr-log-id',
    'tailscale-user-login',
  ])('is not a request forwarded with %s', (name) => {
    for (const value of ['127.0.0.1', '']) {
      expect(isThisMachine({ ...local, headers: { ...local.headers, [name]: value } })).toBe(false);
    }
  });

  it('is not a request that nginx forwards by default: HTTP/1.0 without a header of its own', () => {
    expect(isThisMachine({ ...local, httpVersion: '1.0' })).toBe(false);
  });

  it('is not a foreign name that resolves to it', () => {
    expect(isThisMachine({ ...local, headers: { host: 'evil.example' } })).toBe(false);
    expect(isThisMachine({ ...local, headers: {} })).toBe(false);
  });

  it.each(['x-request-id', 'x-http-method-override', 'x-forward', 'origin', 'csrf-token'])(
    'may send %s',
    (name) => {
      expect(isThisMachine({ ...local, headers: { ...local.headers, [name]: 'x' } })).toBe(true);
    },
  );

  it.each(['localhost', 'localhost:3000', 'LOCALHOST', '127.0.0.1:3000', '127.0.0.2', '[::1]', '[::1]:3000'])(
    'has the name %s',
    (host) => {
      expect(isLocalName(host)).toBe(true);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    'evil.localhost',
    '127.0.0.1.evil.example',
    'localhost:3000@evil.example',
    'localhost:',
    '10.0.0.7',
    '',
    undefined,
  ])('does not have the name %s', (host) => {
    expect(isLocalName(host)).toBe(false);
  });
});

/** Resolves with the client address of a request. */
const addressOf = async (trustProxy: string[] | false, remoteAddress: string, forwardedFor?: string) => {
  const server = Fastify({ trustProxy });
  server.get('/', (request) => clientAddress(request));
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return (await server.inject({ url: '/', remoteAddress, headers })).body;
};

describe('the client address', () => {
  it('is the peer of the connection without TRUST_PROXY', async () => {
    expect(await addressOf(false, '10.0.0.7', '203.0.113.5')).toBe('10.0.0.7');
  });

  it('is taken from X-Forwarded-For of a trusted proxy', async () => {
    expect(await addressOf(['10.0.0.0/8'], '10.0.0.7', '203.0.113.5')).toBe('203.0.113.5');
    expect(await addressOf(['loopback'], '127.0.0.1', '203.0.113.5')).toBe('203.0.113.5');
    expect(await addressOf(['10.0.0.0/8'], '10.0.0.7')).toBe('10.0.0.7');
  });

  it('ignores X-Forwarded-For of any other peer, and addresses that the client made up', async () => {
    expect(await addressOf(['10.0.0.0/8'], '192.0.2.1', '203.0.113.5')).toBe('192.0.2.1');
    expect(await addressOf(['10.0.0.0/8'], '10.0.0.7', '127.0.0.1, 203.0.113.5')).toBe('203.0.113.5');
  });
});

describe('what counts as one client', () => {
  it.each([
    ['203.0.113.5', '203.0.113.5'],
    ['::ffff:203.0.113.5', '203.0.113.5'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('of %s is %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});
