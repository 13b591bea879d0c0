import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { clientAddress, isLocalName, isThisMachine } from '../../src/web/client-address.ts';

describe('this machine', () => {
  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('is %s', (from) => {
    expect(isThisMachine({}, from)).toBe(true);
  });

  it.each(['10.0.0.7', '192.168.1.1', '::ffff:10.0.0.7', '2001:db8::1', '0.0.0.0', '', undefined])(
    'is not %s',
    (from) => {
      expect(isThisMachine({}, from)).toBe(false);
    },
  );

  it.each(['forwarded', 'x-forwarded-for', 'x-real-ip'])('is not a request forwarded with %s', (name) => {
    expect(isThisMachine({ [name]: '127.0.0.1' }, '127.0.0.1')).toBe(false);
    expect(isThisMachine({ [name]: '' }, '127.0.0.1')).toBe(false);
  });

  it.each(['localhost', 'localhost:3000', 'LOCALHOST', '127.0.0.1:3000', '[::1]', '[::1]:3000'])(
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
