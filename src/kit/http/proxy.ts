/** Chooses the proxy for an address by `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, with the rules of curl. */

import { BlockList, isIP } from 'node:net';

export interface ProxySettings {
  /** For http:// addresses. */
  http: URL | undefined;
  /** For https:// addresses. */
  https: URL | undefined;
  /** Hosts that are called directly, separated by commas or spaces. */
  exceptions: string;
}

export const noProxies: ProxySettings = { http: undefined, https: undefined, exceptions: '' };

/** Returns the proxy to use for an address; undefined if it is called directly. */
export function proxyFor(address: string, { http, https, exceptions }: ProxySettings): URL | undefined {
  const url = new URL(address);
  const proxy = url.protocol === 'https:' ? https : http;
  return proxy === undefined || isException(url, exceptions) ? undefined : proxy;
}

/** Returns a proxy for messages, without its credentials, e.g. `http://proxy.example:3128`. */
export function proxyName({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

/**
 * An exception is `*`, a domain (`example.com` or `.example.com`, which includes its subdomains), an IP address, or a
 * subnet; a domain or IPv4 address may name a port.
 */
function isException(url: URL, exceptions: string): boolean {
  const host = withoutBrackets(url.hostname);
  const port = url.port === '' ? { 'https:': '443', 'http:': '80' }[url.protocol] : url.port;
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = entry, entryPort] = /^([^:]*|\[.*\]):(\d+)$/.exec(entry) ?? [];
      return (entryPort ?? port) === port && matchesHost(host, withoutBrackets(name));
    });
}

function matchesHost(host: string, entry: string): boolean {
  if (isIP(host) !== 0) return host === entry || isInSubnet(host, entry);
  const domain = entry.replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}

function isInSubnet(host: string, entry: string): boolean {
  const [network = '', prefix = ''] = entry.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const bits = Number(prefix);
  if (isIP(network) === 0 || !/^\d+$/.test(prefix) || bits > (family === 'ipv6' ? 128 : 32)) return false;
  const subnet = new BlockList();
  subnet.addSubnet(network, bits, family);
  return subnet.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
