import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeHttpClient } from '../../../src/kit/http/client.ts';
import { proxyFor } from '../../../src/kit/http/proxy.ts';
import { startForwardProxy } from '../../support/forward-proxy.ts';

const proxies = {
  http: new URL('http://plain.test:3128'),
  https: new URL('http://secure.test:3128'),
  exceptions: '',
};

describe('the proxy for an address', () => {
  it('depends on the protocol', () => {
    expect(proxyFor('http://a.test', proxies)).toBe(proxies.http);
    expect(proxyFor('https://a.test', proxies)).toBe(proxies.https);
    expect(proxyFor('https://a.test', { ...proxies, https: undefined })).toBeUndefined();
  });

  it.each([
    ['*', 'https://a.test', true],
    ['a.test', 'https://a.test', true],
    ['A.Test', 'https://a.test', true],
    ['a.test', 'https://api.a.test', true],
    ['.a.test', 'https://a.test', true],
    ['*.a.test', 'https://api.a.test', true],
    ['a.test', 'https://ba.test', false],
    ['b.test, a.test', 'https://a.test', true],
    ['b.test a.test', 'https://a.test', true],
    ['a.test:8443', 'https://a.test:8443', true],
    ['a.test:443', 'https://a.test', true],
    ['a.test:80', 'https://a.test', false],
    ['127.0.0.1', 'http://127.0.0.1:8080', true],
    ['127.0.0.1:81', 'http://127.0.0.1:8080', false],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/99', 'https://10.1.2.3', false],
    ['0.1', 'http://127.0.0.1', false],
    ['::1', 'http://[::1]:8080', true],
    ['[::1]:8080', 'http://[::1]:8080', true],
    ['fd00::/8', 'http://[fd00::5]', true],
    ['', 'https://a.test', false],
  ])('with NO_PROXY=%s leaves out %s: %s', (exceptions, address, isDirect) => {
    expect(proxyFor(address, { ...proxies, exceptions }) === undefined).toBe(isDirect);
  });
});

async function startServer(respond = 'yes') {
  let connections = 0;
  const hosts: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    hosts.push(request.headers.host);
    response.end(respond);
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, hosts, connections: () => connections };
}

async function sendThrough(proxy: string, baseUrl: string, exceptions = '', timeoutMs = 20_000) {
  const http = makeHttpClient({
    baseUrl,
    timeoutMs,
    proxies: { http: new URL(proxy), https: new URL(proxy), exceptions },
  });
  onTestFinished(() => http.close());
  return { http, result: await http.send({ method: 'POST', path: '/x?y=1', body: '{}' }) };
}

describe('a call through a proxy', () => {
  it('is forwarded with the address of the server, over kept-alive connections', async () => {
    const { port, hosts } = await startServer();
    const proxy = await startForwardProxy();
    const { http, result } = await sendThrough(proxy.url, `http://passmachine.test:${port}/base`);
    expect(result).toMatchObject({ status: 200, text: 'yes' });
    for (let n = 0; n < 5; n += 1) await http.send({ method: 'GET', path: '/again' });
    expect(proxy.calls[0]).toBe(`POST http://passmachine.test:${port}/base/x?y=1`);
    expect(proxy.calls).toHaveLength(6);
    expect(new Set(hosts)).toEqual(new Set([`passmachine.test:${port}`]));
  });

  it('is direct if NO_PROXY names the host', async () => {
    const { port } = await startServer();
    const proxy = await startForwardProxy();
    const { result } = await sendThrough(proxy.url, `http://127.0.0.1:${port}`, 'localhost,127.0.0.1,::1');
    expect(result).toMatchObject({ status: 200 });
    expect(proxy.calls).toEqual([]);
  });

  it('presents the credentials of the proxy', async () => {
    const { port } = await startServer();
    const { url } = await startForwardProxy({ credentials: 'me:p@ss' });
    const withCredentials = url.replace('http://', 'http://me:p%40ss@');
    const { result } = await sendThrough(withCredentials, `http://passmachine.test:${port}`);
    expect(result).toMatchObject({ status: 200 });
  });

  it('proves that nothing was sent if the proxy refuses a tunnel, and names the proxy without its credentials', async () => {
    const { url } = await startForwardProxy({ credentials: 'me:right' });
    const withCredentials = url.replace('http://', 'http://me:wr0ng-secret@');
    const { result } = await sendThrough(withCredentials, 'https://passmachine.test');
    expect(result).toEqual({
      answered: false,
      sent: false,
      reason: 'connection',
      detail: `the proxy ${url} opened no tunnel: answered 407 to CONNECT passmachine.test:443`,
    });
  });

  it('proves that nothing was sent if the proxy is down', async () => {
    const { result } = await sendThrough('http://127.0.0.1:1', 'https://passmachine.test');
    expect(result).toMatchObject({ answered: false, sent: false });
    expect(result).toHaveProperty(
      'detail',
      expect.stringContaining('http://127.0.0.1:1 opened no tunnel: ECONNREFUSED'),
    );
  });

  it('ends with the timeout of the call if the proxy never opens the tunnel', async () => {
    const { url } = await startForwardProxy({ hangs: true });
    const { result } = await sendThrough(url, 'https://passmachine.test', '', 300);
    expect(result).toMatchObject({ answered: false, sent: false });
  });
});
