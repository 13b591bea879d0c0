/** Names the way to an upstream, so that a finding blames the proxy if there is one. */

import { proxyFor, proxyName, type ProxySettings } from '../../kit/http/proxy.ts';

export interface ReachedAt {
  /** E.g. `https://api.example.com through the proxy http://proxy:3128`. */
  address: string;
  /** What to check, continuing "Check the address, and that". */
  fix: string;
}

export function reachedAt(url: string, proxies: ProxySettings | undefined): ReachedAt {
  const proxy = proxies && proxyFor(url, proxies);
  if (proxy === undefined) return { address: url, fix: 'this machine can reach it' };
  const setting = url.startsWith('https:') ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  return {
    address: `${url} through the proxy ${proxyName(proxy)}`,
    fix: `the proxy (${setting}) allows it; NO_PROXY lists hosts to call without it`,
  };
}
